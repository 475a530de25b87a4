import { FreshetError, type Expression } from '@freshet/client'
import { lineOf } from '../ui/json'

/** Rules that are being written: any JSON object, right or not; the server judges it. */
export type Draft = { readonly [key: string]: unknown }

export type Parsed = { rules: Draft; why?: undefined } | { rules?: undefined; why: string }

export function parse(text: string): Parsed {
  if (!text.trim()) return { rules: {} }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { why: '' }
    return { rules: value as Draft }
  } catch (error) {
    return { why: (error as Error).message }
  }
}

export const write = (rules: Draft) => JSON.stringify(rules, null, 2)

/** The rules with a key set, or taken out where there is no value. Other keys keep their places. */
export function put(rules: Draft, key: string, value: unknown): Draft {
  const next: Record<string, unknown> = { ...rules }
  const none = value === undefined || value === '' || (Array.isArray(value) && !value.length) || (typeof value === 'object' && value !== null && !Object.keys(value).length)
  if (none) delete next[key]
  else next[key] = value
  return next
}

/** What the server refuses, and where. */
export interface Fault {
  /** A JSON pointer into the rules; '' of all. */
  path: string
  text: string
}

const withPath = /^validation rule (\/\S*?): (.*)$/s

export function faultOf(error: unknown): Fault | null {
  if (!(error instanceof FreshetError) || error.status !== 422) return null
  const m = withPath.exec(error.message)
  return m ? { path: m[1]!, text: m[2]! } : { path: '', text: error.message }
}

/** What is wrong with a key, or with something inside it. */
export const at = (fault: Fault | null, path: string) => (fault && (fault.path === path || fault.path.startsWith(`${path}/`)) ? fault.text : undefined)

/** The line of a text on which a fault is: of the place itself, or the nearest around it. */
export function faultLine(text: string, fault: Fault): number | null {
  for (let path = fault.path; path; path = path.slice(0, path.lastIndexOf('/'))) {
    const line = lineOf(text, path)
    if (line) return line
  }
  return null
}

// The form shows what has the type it expects; anything else is left to the JSON view.
export const list = (v: unknown): string[] => (Array.isArray(v) ? v.filter((s): s is string => typeof s === 'string') : [])
export const number = (v: unknown): number | undefined => (typeof v === 'number' ? v : undefined)
export const severities = (v: unknown): [string, string][] => (typeof v === 'object' && v && !Array.isArray(v) ? Object.entries(v).filter((e): e is [string, string] => typeof e[1] === 'string') : [])
export const expressions = (v: unknown): Partial<Expression>[] => (Array.isArray(v) ? v.filter((e): e is Partial<Expression> => typeof e === 'object' && e !== null) : [])
