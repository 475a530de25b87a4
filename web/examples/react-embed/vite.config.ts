import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  // Within this repository the packages are taken from their sources. An application
  // that installed them needs no such line.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  // While developing, the server is reached through this page's own origin.
  server: { proxy: { '/data': process.env['FRESHET_SERVER'] ?? 'http://127.0.0.1:8002' } },
})
