import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Valid JSONL of about so many bytes, different at each call. */
export function goodLines(bytes: number): Buffer {
  const lines: string[] = []
  for (let n = 0, i = 0; n < bytes; i++) {
    const line = `${JSON.stringify({ id: i, text: randomBytes(384).toString('base64') })}\n`
    lines.push(line)
    n += line.length
  }
  return Buffer.from(lines.join(''))
}

/** The same with a line that is not JSON. */
export function badLines(bytes: number): Buffer {
  const good = goodLines(bytes)
  return Buffer.concat([Buffer.from('{"id": 0, "text": \n'), good])
}

/** A file that is there until the test is over. */
export function fileOf(content: Buffer, name = 'data.jsonl'): string {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-file-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

export async function downloaded(server: string, fileId: string): Promise<string> {
  const answer = await fetch(`${server}/data/efficient/download-file/${fileId}`)
  if (!answer.ok) throw new Error(`download: ${answer.status}`)
  return sha256(new Uint8Array(await answer.arrayBuffer()))
}
