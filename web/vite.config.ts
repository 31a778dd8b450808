import { resolve } from "node:path";
import { defineConfig } from "vite";

const DIST = resolve(import.meta.dirname, "../src/quyhoach/web_dist");
export default defineConfig({
  base: "/static/",
  // The floor of DESIGN §5.6.
  build: {
    target: ["chrome109", "edge109", "safari16.4", "firefox115"],
    outDir: DIST,
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0, // a data: URL would need a hole in the Content-Security-Policy
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        main: resolve(import.meta.dirname, "src/main.ts"),
        text: resolve(import.meta.dirname, "src/styles/text.css"),
      },
    },
    chunkSizeWarningLimit: 1200, // MapLibre, loaded after the first answer
  },
});
