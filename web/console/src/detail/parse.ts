import { members } from '../ui/json'

/** A value of a record under its name. */
export interface Value {
  name: string
  /** Its text; of JSON as it is written. */
  value: string
}

export interface Message {
  role: string
  content: string
  /** What else the message holds, as JSON. */
  rest: string | null
}

/** The fields of a CSV record. A quote inside a quoted field is written twice. */
export function fieldsOf(text: string, delimiter: string): string[] {
  const out: string[] = []
  let field = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quoted) {
      if (c !== '"') field += c
      else if (text[i + 1] === '"') field += text[i++]
      else quoted = false
    } else if (c === '"' && field === '') quoted = true
    else if (c === delimiter) {
      out.push(field)
      field = ''
    } else field += c
  }
  out.push(field)
  return out
}

/** A CSV record under its header; fields behind the header's last have no name. */
export function row(text: string, header: string[], delimiter: string): Value[] {
  const fields = fieldsOf(text, delimiter)
  return Array.from({ length: Math.max(fields.length, header.length) }, (_, i) => ({ name: header[i] ?? '', value: fields[i] ?? '' }))
}

/** The messages of a chat, when a value is a list of them; null of anything else. */
export function chat(value: string): Message[] | null {
  const list = value.startsWith('[') ? members(value) : null
  if (!list?.length) return null
  const out: Message[] = []
  for (const { value } of list) {
    const parts = members(value)
    const role = parts?.findLast((m) => m.name === 'role')
    if (!value.startsWith('{') || !parts || !role?.value.startsWith('"')) return null
    const content = parts.findLast((m) => m.name === 'content')
    const plain = content?.value.startsWith('"')
    const rest = parts.filter((m) => m !== role && !(plain && m === content))
    out.push({
      role: JSON.parse(role.value) as string,
      content: plain ? (JSON.parse(content!.value) as string) : '',
      rest: rest.length ? `{${rest.map((m) => `${JSON.stringify(m.name)}:${m.value}`).join(',')}}` : null,
    })
  }
  return out
}
