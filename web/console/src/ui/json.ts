/**
 * JSON as it is written. Going through JSON.parse and back would round long
 * numbers and drop the first of two equal names, which is what a reader of
 * training data wants to see.
 */

export interface Member {
  name: string
  /** The value's own text. */
  value: string
  /** Where that text begins. */
  at: number
}

export function isJSON(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const space = (c: string) => c === ' ' || c === '\n' || c === '\r' || c === '\t'

/** The place behind the string that begins at i. */
function behind(text: string, i: number): number {
  for (i++; text[i] !== '"'; i++) if (text[i] === '\\') i++
  return i + 1
}

/** The members of an object, or the elements of a list under their numbers; null of anything else. */
export function members(text: string): Member[] | null {
  const first = text.trimStart()[0]
  if ((first !== '{' && first !== '[') || !isJSON(text)) return null
  const list = first === '['
  const out: Member[] = []
  let depth = 0
  let name = ''
  let from = -1
  const end = (i: number) => {
    if (from < 0) return
    const raw = text.slice(from, i)
    if (raw.trim()) out.push({ name: list ? String(out.length) : name, value: raw.trim(), at: from + raw.length - raw.trimStart().length })
    from = -1
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '"') {
      const to = behind(text, i)
      if (depth === 1 && from < 0) name = JSON.parse(text.slice(i, to)) as string
      i = to - 1
    } else if (c === '{' || c === '[') {
      if (depth++ === 0 && list) from = i + 1
    } else if (c === '}' || c === ']') {
      if (--depth === 0) end(i)
    } else if (depth === 1 && c === ':' && !list) {
      from = i + 1
    } else if (depth === 1 && c === ',') {
      end(i)
      if (list) from = i + 1
    }
  }
  return out
}

/** The same JSON with a line for each member; null where it is not JSON. */
export function indent(text: string): string | null {
  if (!isJSON(text)) return null
  let out = ''
  let depth = 0
  const line = () => `\n${'  '.repeat(depth)}`
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (space(c)) continue
    if (c === '"') {
      const to = behind(text, i)
      out += text.slice(i, to)
      i = to - 1
    } else if (c === '{' || c === '[') {
      let next = i + 1
      while (space(text[next]!)) next++
      if (text[next] === '}' || text[next] === ']') {
        out += c + text[next]
        i = next
      } else {
        depth++
        out += c + line()
      }
    } else if (c === '}' || c === ']') {
      depth--
      out += line() + c
    } else if (c === ',') out += c + line()
    else if (c === ':') out += ': '
    else out += c
  }
  return out
}

/** The line, from 1, on which the value at a JSON pointer begins; null where there is none. */
export function lineOf(text: string, pointer: string): number | null {
  let at = 0
  let value = text
  for (const name of steps(pointer)) {
    const next = members(value)?.findLast((m) => m.name === name)
    if (!next) return null
    at += next.at
    value = next.value
  }
  return text.slice(0, at).split('\n').length
}

/** The names that a JSON pointer goes through. */
export function steps(pointer: string): string[] {
  return pointer.split('/').slice(1).map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'))
}
