/** Motion files that are dropped anywhere, or chosen: they become the query, or are added to a library. */

import { send } from "./api";
import type { Upload } from "./api";
import { byId, h } from "./dom";

export interface FileActions {
  reading(name: string): void;
  sent(upload: Upload, file: File): void;
  failed(name: string, reason: string): void;
  /** Whether there is a library. */
  ready(): boolean;
  /** Libraries that files can be added to. */
  libraries(): string[];
  add(files: File[], library: string): void;
}

export function acceptFiles(actions: FileActions): void {
  const search = (file: File | undefined): void => {
    if (file) void searchWith(file, actions);
  };
  acceptDropped(actions, search);
  const input = byId<HTMLInputElement>("file");
  byId("send").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    search(input.files?.[0]);
    input.value = "";
  });
}

async function searchWith(file: File, actions: FileActions): Promise<void> {
  actions.reading(file.name);
  try {
    actions.sent(await send(file), file);
  } catch (error) {
    actions.failed(file.name, error instanceof Error ? error.message : String(error));
  }
}

/** While files are over the page, it is parted: where they are let go says what is done with them. */
function acceptDropped(actions: FileActions, search: (file: File | undefined) => void): void {
  const veil = byId("drop");
  let depth = 0;
  const carries = (event: DragEvent): boolean => actions.ready() && (event.dataTransfer?.types.includes("Files") ?? false);
  const partUnder = (event: DragEvent): HTMLElement | null => (event.target as Element).closest<HTMLElement>("#drop .part");
  const show = (event: DragEvent, change: number): void => {
    depth = Math.max(0, depth + change);
    if (veil.hidden && depth) veil.replaceChildren(...partsOf(actions.libraries(), event.dataTransfer?.items.length ?? 1));
    veil.hidden = depth === 0;
  };
  addEventListener("dragenter", (event) => carries(event) && show(event, 1));
  addEventListener("dragleave", (event) => carries(event) && show(event, -1));
  addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    for (const part of veil.children) part.classList.toggle("over", part === partUnder(event));
  });
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    const library = partUnder(event)?.dataset["library"];
    show(event, -depth);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (library === undefined) search(files[0]);
    else actions.add(files, library);
  });
  // No pointer moves while something is dragged: where one does, it was let go elsewhere.
  addEventListener("pointermove", () => {
    depth = 0;
    veil.hidden = true;
  });
}

function partsOf(libraries: string[], files: number): HTMLElement[] {
  const several = files > 1;
  const part = (title: string, words: string, library: string | null): HTMLElement =>
    h("div", { class: "part", "data-library": library }, h("strong", {}, title), h("span", {}, words));
  const words = several ? "Finds motions like the first of them." : "Finds motions like it.";
  return [
    part(`Search with ${several ? "one" : "it"}`, `${words} The library stays as it is.`, null),
    ...libraries.map((name) =>
      part(
        libraries.length > 1 ? `Add to ${name}` : "Add to the library",
        `${several ? "They are" : "It is"} copied there and can be found from then on.`,
        name,
      ),
    ),
  ];
}
