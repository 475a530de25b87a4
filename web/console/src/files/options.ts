import { store } from '../state/store'

/** What goes with files that are added. */
export interface Options {
  dataType: string
  ruleSet?: string
  description?: string
}

const kept = 'upload-options'

function read(): Options {
  try {
    const v: unknown = JSON.parse(localStorage.getItem(kept) ?? '{}')
    if (typeof v === 'object' && v) {
      const o = v as Record<string, unknown>
      const text = (x: unknown) => (typeof x === 'string' && x ? x : undefined)
      return { dataType: text(o.dataType) ?? 'custom', ruleSet: text(o.ruleSet), description: text(o.description) }
    }
  } catch {
    // storage is switched off, or holds what an older page wrote
  }
  return { dataType: 'custom' }
}

export const options = store(read())

export function setOptions(to: Options) {
  options.set(to)
  try {
    localStorage.setItem(kept, JSON.stringify(to))
  } catch {
    // it holds for this page then
  }
}

export const isDataType = (s: string) => /^[a-z0-9_-]{1,64}$/.test(s)
