import { defineConfig } from "vite";

/** The page is built into the Python package: the wheel holds it, and nobody who installs it needs Node. */
export default defineConfig({
  base: "/static/",
  build: {
    outDir: "../src/chronomotion/web/static",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows no data: addresses
    modulePreload: false,
    target: "es2022",
    rollupOptions: {
      output: {
        // The same names at every build: a build that changes nothing leaves nothing to commit.
        entryFileNames: "page.js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
