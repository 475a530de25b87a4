import { randomBytes, randomInt } from 'node:crypto'
import { crc32 as zlibs } from 'node:zlib'
import { expect, test } from 'vitest'
import { crc32, crc32OfBlob, crc32Text } from '../src/crc32.ts'

/** One bit at a time, as the standard writes it. */
function reference(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const b of bytes) {
    c ^= b
    for (let bit = 0; bit < 8; bit++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0)
  }
  return ~c >>> 0
}

const bytes = (s: string) => new TextEncoder().encode(s)

test('known vectors', () => {
  expect(crc32(0, bytes(''))).toBe(0)
  expect(crc32(0, bytes('a'))).toBe(0xe8b7be43)
  expect(crc32(0, bytes('123456789'))).toBe(0xcbf43926)
  expect(crc32(0, bytes('The quick brown fox jumps over the lazy dog'))).toBe(0x414fa339)
  expect(crc32(0, new Uint8Array(32))).toBe(0x190a55ad)
  expect(crc32(0, new Uint8Array(32).fill(0xff))).toBe(0xff6cab0b)
  expect(crc32Text(0xcbf43926)).toBe('y/Q5Jg==')
})

test('equals the bitwise reference at every length around a step', () => {
  for (let n = 0; n < 100; n++) {
    const b = randomBytes(n)
    expect(crc32(0, b), `${n} bytes`).toBe(reference(b))
  }
  const b = randomBytes(100_003)
  expect(crc32(0, b)).toBe(reference(b))
})

test('goes on where it was, wherever it is cut', () => {
  const b = randomBytes(5000)
  for (let i = 0; i < 50; i++) {
    const cut = randomInt(b.length)
    expect(crc32(crc32(0, b.subarray(0, cut)), b.subarray(cut))).toBe(crc32(0, b))
  }
})

test('a blob of several reads', async () => {
  const b = randomBytes(2.5 * (1 << 20))
  expect(await crc32OfBlob(new Blob([b]))).toBe(typeof zlibs === 'function' ? zlibs(b) : reference(b))
})
