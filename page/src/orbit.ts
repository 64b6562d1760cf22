/** Turning and nearing a view: by pointer, wheel, or keys. */

import { clamp } from "./dom";
import type { View3D } from "./view";

const KEYS: Record<string, [turn: number, tilt: number, distance: number]> = {
  ArrowLeft: [-0.15, 0, 1],
  ArrowRight: [0.15, 0, 1],
  ArrowUp: [0, 0.1, 1],
  ArrowDown: [0, -0.1, 1],
  "+": [0, 0, 0.85],
  "-": [0, 0, 1 / 0.85],
};

export function turnable(screen: HTMLElement, name: string, views: () => View3D[], changed: () => void): void {
  screen.tabIndex = 0;
  screen.setAttribute("role", "group");
  screen.setAttribute("aria-label", `${name}, seen by a camera: arrow keys turn it, plus and minus change how near it is`);
  const move = (turn: number, tilt: number, distance: number): void => {
    for (const view of views()) {
      view.turn += turn;
      view.tilt = clamp(view.tilt + tilt, -0.05, 1.5);
      view.distance = clamp(view.distance * distance, 0.3, 3);
    }
    changed();
  };
  let last: PointerEvent | null = null;
  screen.addEventListener("pointerdown", (event) => {
    screen.setPointerCapture(event.pointerId);
    last = event;
  });
  screen.addEventListener("pointermove", (event) => {
    if (!last) return;
    move((last.clientX - event.clientX) * 0.008, (event.clientY - last.clientY) * 0.006, 1);
    last = event;
  });
  for (const end of ["pointerup", "pointercancel"]) screen.addEventListener(end, () => (last = null));
  screen.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !screen.matches(":focus")) return; // the page scrolls, unless the view was chosen
      event.preventDefault();
      move(0, 0, Math.exp(event.deltaY * 0.001));
    },
    { passive: false },
  );
  screen.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(...step);
  });
}
