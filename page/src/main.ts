/** The page: which tab is open, and what each needs of the service. */

import "./style.css";
import * as api from "./api";
import { Body } from "./body";
import { byId } from "./dom";
import * as generating from "./generating";
import { listenToKeys } from "./keys";
import type { KeyActions } from "./keys";
import { Make } from "./make";
import { isMaking } from "./make_state";
import { Search } from "./search";
import { Stage } from "./stage";

const still = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

interface Tab {
  readonly keys: KeyActions;
  open(): Promise<void>;
  leaveTab(): void;
}

class Page {
  private readonly search: Search;
  private make: Make | null = null;
  private tab: Tab;
  /** Where each tab was left. */
  private readonly left = new Map<Tab, string>();

  constructor(private readonly stage: Stage) {
    this.search = new Search(stage, { still, restart: () => void this.start(), activate: () => this.show(this.search) });
    this.tab = this.search;
    listenToKeys(() => this.tab.keys);
    addEventListener("popstate", () => void this.back());
    for (const link of byId("tabs").querySelectorAll("a")) link.addEventListener("click", (event) => this.go(event, link));
  }

  async start(): Promise<void> {
    history.scrollRestoration = "manual";
    try {
      const library = await api.library();
      const searches = library.libraries.length > 0;
      if (searches) this.search.use(library);
      if (library.generator !== null) this.make = await this.maker(searches);
      byId("tabs").hidden = !searches || this.make === null;
      if (this.make && (!searches || isMaking(new URL(location.href)))) this.show(this.make);
      await this.tab.open();
    } catch (error) {
      this.show(this.search);
      this.search.trouble(error);
    }
  }

  private async maker(searches: boolean): Promise<Make> {
    const like = (id: string, name: string): void => this.search.searchLike(id, name, null);
    return new Make(await generating.about(), this.stage, {
      still,
      like: searches ? like : null,
      locked: (error) => {
        this.show(this.search);
        this.search.trouble(error);
      },
    });
  }

  /** Brings a tab to the front; what it shows is its own business. */
  private show(tab: Tab): void {
    if (tab === this.tab) return;
    this.left.set(this.tab, location.search);
    this.tab.leaveTab();
    this.tab = tab;
    const making = tab === this.make;
    document.body.classList.toggle("making", making);
    byId("make").hidden = !making;
    byId("found").hidden = making;
    byId<HTMLAnchorElement>("skip").href = making ? "#variants" : "#results";
    for (const link of byId("tabs").querySelectorAll("a")) {
      if ((link.dataset["tab"] === "make") === making) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  private go(event: MouseEvent, link: HTMLElement): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // into another tab of the browser
    event.preventDefault();
    const tab = link.dataset["tab"] === "make" ? this.make : this.search;
    if (!tab || tab === this.tab) return;
    this.show(tab);
    history.pushState({ scroll: 0 }, "", this.left.get(tab) || (tab === this.make ? "?make=1" : location.pathname));
    scrollTo(0, 0);
    void tab.open();
  }

  private async back(): Promise<void> {
    this.show(this.make && isMaking(new URL(location.href)) ? this.make : this.search);
    await this.tab.open();
  }
}

async function start(): Promise<void> {
  const response = await fetch("/static/body.bin");
  const header = byId("top");
  const stage = new Stage(document.body, new Body(await response.arrayBuffer()), () => header.getBoundingClientRect().bottom);
  (window as unknown as { chronomotion: unknown }).chronomotion = { stage }; // for measuring
  await new Page(stage).start();
}

void start();
