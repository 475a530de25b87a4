// The worker that counts checksums. It is JavaScript, so that its address is the
// same beside the sources and in the package: new URL('./crc-worker.js', …) is a
// form that bundlers know, and nobody rewrites an ending in it.
import { crc32OfBlob } from './crc32.ts'

addEventListener('message', async event => {
  /** @type {{ n: number, blob: Blob }} */
  const { n, blob } = event.data
  try {
    postMessage({ n, crc: await crc32OfBlob(blob) })
  } catch (error) {
    postMessage({ n, error: error instanceof Error ? error.message : String(error) })
  }
})

postMessage({ ready: true })
