/** A motion file dropped anywhere, or chosen, becomes the query. */

import { send } from "./api";
import type { Upload } from "./api";
import { byId } from "./dom";

export interface FileActions {
  reading(name: string): void;
  sent(upload: Upload): void;
  failed(name: string, reason: string): void;
}

export function acceptFiles(actions: FileActions): void {
  const veil = byId("drop");
  const input = byId<HTMLInputElement>("file");
  let depth = 0;
  const carries = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  const show = (change: number): void => {
    depth = Math.max(0, depth + change);
    veil.hidden = depth === 0;
  };
  const take = async (file: File): Promise<void> => {
    actions.reading(file.name);
    try {
      actions.sent(await send(file));
    } catch (error) {
      actions.failed(file.name, error instanceof Error ? error.message : String(error));
    }
  };
  addEventListener("dragenter", (event) => carries(event) && show(1));
  addEventListener("dragleave", (event) => carries(event) && show(-1));
  addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    show(-depth);
    const file = event.dataTransfer?.files[0];
    if (file) void take(file);
  });
  byId("send").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) void take(file);
    input.value = "";
  });
}
