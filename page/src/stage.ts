/**
 * One canvas for every card: a browser keeps 16 WebGL contexts, and a page of results would need more.
 *
 * Each view is a rectangle of the page in which the body is drawn. Views that are not on the screen are not drawn, and
 * nothing is drawn while nothing changes. Where a machine is slow, the stage steps down by itself.
 */

import { Color, HemisphereLight, DirectionalLight, PerspectiveCamera, Scene, WebGLRenderer } from "three";
import type { Body } from "./body";
import type { View3D } from "./view";

/** Milliseconds a frame may take. */
const SLOW = 50;
const PATIENCE = 12;

/** What is given up, one after the other, where frames are slow. */
export const LEVELS = [
  { antialias: true, pixels: 2, all: true },
  { antialias: false, pixels: 1, all: true },
  { antialias: false, pixels: 0.6, all: true },
  { antialias: false, pixels: 0.6, all: false },
] as const;

export class Stage {
  readonly views = new Set<View3D>();
  /** The only view that moves on a slow machine. */
  favourite: View3D | null = null;
  level = 0;
  /** Whether it steps down by itself; not while a level is measured. */
  adapts = true;
  /** Frames that were drawn, and milliseconds of our own work in the last ones: for measuring. */
  drawn = 0;
  work = 0;
  private renderer: WebGLRenderer | null = null;
  private canvas = document.createElement("canvas");
  private readonly scene = new Scene();
  private slow = 0;
  private pending = false;
  private before: number | null = null;
  private changed = true;
  private top: () => number;

  constructor(
    private readonly home: HTMLElement,
    readonly body: Body,
    top: () => number,
  ) {
    this.top = top;
    const light = new DirectionalLight(0xffffff, 1.7);
    light.position.set(1.5, 4, 3);
    this.scene.add(new HemisphereLight(0xffffff, 0x8899aa, 1.9), light, body.object);
    this.start();
    for (const event of ["scroll", "resize"]) addEventListener(event, () => this.change(), { passive: true });
    new ResizeObserver(() => this.change()).observe(document.body);
    document.addEventListener("visibilitychange", () => this.change());
  }

  /** Something is to be drawn anew. */
  change(): void {
    this.changed = true;
    this.wake();
  }

  wake(): void {
    if (this.pending || document.hidden) return;
    this.pending = true;
    requestAnimationFrame((now) => this.frame(now));
  }

  private start(): void {
    const level = LEVELS[this.level];
    this.renderer?.dispose();
    this.renderer?.forceContextLoss();
    const canvas = document.createElement("canvas");
    canvas.className = "stage";
    canvas.setAttribute("aria-hidden", "true");
    if (this.canvas.isConnected) this.canvas.replaceWith(canvas);
    else this.home.append(canvas);
    this.canvas = canvas;
    this.renderer = new WebGLRenderer({ canvas, antialias: level.antialias, alpha: true });
    this.renderer.setClearColor(new Color(0), 0);
    this.renderer.setScissorTest(true);
    this.renderer.autoClear = false;
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => this.change());
    this.change();
  }

  private frame(now: number): void {
    this.pending = false;
    const passed = this.before === null ? 0 : now - this.before;
    const began = performance.now();
    const visible = [...this.views].filter((view) => view.visible());
    let moving = false;
    for (const view of visible) {
      const still = !LEVELS[this.level].all && view !== this.favourite && !view.large;
      if (!still && view.advance(Math.min(passed, 250) / 1000)) moving = true;
    }
    if (moving || this.changed) {
      this.changed = false;
      this.draw(visible);
      this.drawn += 1;
      this.work = performance.now() - began;
    }
    if (moving) {
      this.judge(passed);
      this.before = now;
      this.wake();
    } else {
      this.before = null; // the next movement begins with a frame of no length
      this.slow = 0;
    }
  }

  private draw(visible: View3D[]): void {
    const renderer = this.renderer;
    if (!renderer) return;
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    renderer.setPixelRatio(Math.min(devicePixelRatio, LEVELS[this.level].pixels));
    const ratio = renderer.getPixelRatio();
    if (this.canvas.width !== Math.floor(width * ratio) || this.canvas.height !== Math.floor(height * ratio)) {
      renderer.setSize(width, height, false);
    }
    // The canvas goes along with the page, so that pictures stay in their cards until the next frame.
    this.canvas.style.transform = `translate(${scrollX}px, ${scrollY}px)`;
    renderer.setScissor(0, 0, width, height);
    renderer.clear();
    for (const view of visible) this.drawView(renderer, view, width, height);
  }

  private drawView(renderer: WebGLRenderer, view: View3D, width: number, height: number): void {
    const box = view.element.getBoundingClientRect();
    const clip = view.clip();
    const top = Math.max(box.top, clip.top, view.large ? 0 : this.top());
    const bottom = Math.min(box.bottom, clip.bottom, height);
    const left = Math.max(box.left, 0);
    const right = Math.min(box.right, width);
    if (bottom <= top || right <= left) return;
    renderer.setScissor(left, height - bottom, right - left, bottom - top);
    view.draw((camera: PerspectiveCamera, place, objects) => {
      const part = box.width * place.width;
      renderer.setViewport(box.left + box.width * place.left, height - box.bottom, part, box.height);
      this.scene.add(...objects);
      renderer.render(this.scene, camera);
      this.scene.remove(...objects);
    }, this.body);
  }

  /** Steps down where most of the last frames were slow. */
  private judge(passed: number): void {
    this.slow = passed > SLOW ? this.slow + 1 : Math.max(0, this.slow - 1);
    if (this.adapts && this.slow >= PATIENCE && this.level < LEVELS.length - 1) {
      const before = LEVELS[this.level];
      this.level += 1;
      this.slow = 0;
      if (before.antialias !== LEVELS[this.level].antialias) this.start();
    }
  }
}
