// Writes src/openapi.ts from what a built server serves at /openapi.json.
//   npm run types -w @freshet/client              with bin/freshet of this repository
//   FRESHET_BIN=/path/to/freshet npm run types -w @freshet/client
// With --print it writes to standard output instead.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapi, { astToString } from 'openapi-typescript'
import { startServer } from '../../test/server.mjs'

const server = await startServer()
try {
  const answer = await fetch(`${server.url}/openapi.json`)
  const text = `// Made by "npm run types": do not edit.\n\n${astToString(await openapi(await answer.json()))}`
  if (process.argv.includes('--print')) process.stdout.write(text)
  else writeFileSync(fileURLToPath(new URL('../src/openapi.ts', import.meta.url)), text)
} finally {
  await server.stop()
}
