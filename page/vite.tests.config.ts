import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

/** The tests, each with what it imports in one file that Node runs. */
export default defineConfig({
  publicDir: false,
  build: {
    ssr: true,
    outDir: "node_modules/.tests",
    emptyOutDir: true,
    rollupOptions: { input: readdirSync("tests").map((name) => `tests/${name}`), output: { entryFileNames: "[name].mjs" } },
  },
});
