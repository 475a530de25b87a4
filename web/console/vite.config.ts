import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The server of `make dev`; Vite hands the API on to it.
const server = process.env.FRESHET_SERVER ?? 'http://127.0.0.1:8002'

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  server: { host: '127.0.0.1', port: 5173, strictPort: true, proxy: { '/data': server, '/docs': server, '/openapi.json': server } },
  // nothing is inlined: the server's content policy allows no data: scripts or fonts
  build: { target: 'es2022', sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
})
