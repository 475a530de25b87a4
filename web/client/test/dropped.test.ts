// What is not readable of a drop; test/browser has one with real folders.
import { expect, test } from 'vitest'
import { filesIn } from '../src/index.ts'

const refusal = new DOMException('not readable', 'NotReadableError')
const fileEntry = (path: string, fine = true) => ({
  isFile: true, isDirectory: false, name: path.split('/').at(-1)!, fullPath: path,
  file: (good: (f: File) => void, bad: (e: Error) => void) => fine ? good(new File(['{}'], path)) : bad(refusal),
})
/** A folder whose reader gives some at a time, and then perhaps fails. */
const folderEntry = (path: string, portions: unknown[][], fine = true) => ({
  isFile: false, isDirectory: true, name: path.split('/').at(-1)!, fullPath: path,
  createReader: () => {
    const left = [...portions]
    return { readEntries: (good: (some: unknown[]) => void, bad: (e: Error) => void) => left.length > 0 ? good(left.shift()!) : fine ? good([]) : bad(refusal) }
  },
})
const drop = (...items: object[]) => filesIn({ items: items.map(one => ({ kind: 'file', ...one })) } as unknown as DataTransfer)
const item = (entry: { isDirectory: boolean; fullPath: string } | null, file: File | null, handle?: Promise<unknown>) =>
  ({ webkitGetAsEntry: () => entry, getAsFile: () => file, ...(handle ? { getAsFileSystemHandle: () => handle } : {}) })

test('what cannot be read is named, and the rest is taken', async () => {
  const a = new File(['{}'], 'a.jsonl')
  const folder = folderEntry('/data', [
    [fileEntry('/data/one.jsonl'), fileEntry('/data/locked.jsonl', false)],
    [folderEntry('/data/torn', [[fileEntry('/data/torn/two.jsonl')]], false), folderEntry('/data/deep', [[fileEntry('/data/deep/three.jsonl')]])],
  ])
  const { files, unreadable } = await drop(item(fileEntry('/a.jsonl'), a), item(fileEntry('/gone.jsonl'), null), item(folder, null), { kind: 'string' })
  expect(files.map(f => f.path)).toEqual([undefined, 'data/one.jsonl', 'data/torn/two.jsonl', 'data/deep/three.jsonl'])
  expect(files[0]!.file).toBe(a)
  expect(unreadable).toEqual(['gone.jsonl', 'data/locked.jsonl', 'data/torn'])
})

test('a handle that is refused is done without', async () => {
  const handle = { kind: 'file' }
  const folder = folderEntry('/data', [[fileEntry('/data/one.jsonl'), fileEntry('/data/two.jsonl')]])
  const ofFolder = { kind: 'directory', getFileHandle: async (name: string) => { if (name === 'two.jsonl') throw refusal; return handle } }
  const { files, unreadable } = await drop(
    item(fileEntry('/a'), new File([''], 'a'), Promise.resolve(handle)), item(fileEntry('/b'), new File([''], 'b'), Promise.reject(refusal)), item(folder, null, Promise.resolve(ofFolder)),
  )
  expect(files.map(f => f.handle)).toEqual([handle, undefined, handle, undefined])
  expect(unreadable).toEqual([])
})
