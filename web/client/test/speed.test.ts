import { expect, test } from 'vitest'
import { Speed } from '../src/speed.ts'

const tick = 0.25

/** Runs at a rate for so many seconds; tells each tick's estimate of the time left. */
function run(s: Speed, rate: number, seconds: number, left: { bytes: number }): number[] {
  const etas: number[] = []
  for (let t = 0; t < seconds; t += tick) {
    s.add(rate * tick, tick)
    left.bytes -= rate * tick
    etas.push(s.eta(left.bytes)!)
  }
  return etas
}

test('a steady rate is told as it is', () => {
  const s = new Speed()
  run(s, 5e6, 20, { bytes: 1e9 })
  expect(s.value).toBeCloseTo(5e6, 0)
})

test.each([2, 0.5])('a rate that becomes %d times as large moves the time left by less than half in a second', factor => {
  const s = new Speed()
  const left = { bytes: 10e9 }
  run(s, 1e7, 20, left)
  let before = s.eta(left.bytes)!
  const etas = run(s, 1e7 * factor, 30, left)
  for (let i = 3; i < etas.length; i += 4) {
    expect(Math.abs(etas[i]! - before) / before).toBeLessThan(0.5)
    before = etas[i]!
  }
  expect(s.value / (1e7 * factor)).toBeCloseTo(1, 2) // and it gets there
})

test('nothing is told before there is something to tell from', () => {
  const s = new Speed()
  expect(s.eta(100)).toBeNull()
  s.add(1000, 0.25)
  expect(s.eta(100)).toBeNull()
  s.add(1000, 0.75)
  expect(s.eta(2000)).toBeCloseTo(1, 1)
})

test('a standstill lets the speed fall, a reset forgets it', () => {
  const s = new Speed()
  run(s, 1e6, 10, { bytes: 1e9 })
  for (let t = 0; t < 20; t += tick) s.add(0, tick)
  expect(s.value).toBeLessThan(1e4)
  s.reset()
  expect(s.value).toBe(0)
})
