/** Made-up records: the same arguments give the same bytes. */

// xorshift32: pictures are to change only when the pages do
function random(seed: number) {
  let x = seed * 2654435761 || 1
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}

const pick = <T>(r: () => number, list: readonly T[]): T => list[Math.floor(r() * r() * list.length)]!
const words = 'where is my order I was charged twice reset the router hold the button for ten seconds please and then wait until the light is green thank you for the answer it works now'.split(' ')
const sentence = (r: () => number, most: number) => Array.from({ length: 3 + Math.floor(r() * r() * most) }, () => words[Math.floor(r() * words.length)]).join(' ')

/** Chats in OpenAI's shape; some lines are broken, in clusters, and a share of all others. */
export function conversations(n: number, seed = 1, share = 0.0008): string {
  const r = random(seed)
  const out: string[] = []
  for (let i = 0; i < n; i++) {
    const messages = [{ role: 'user', content: sentence(r, 40) }, { role: 'assistant', content: sentence(r, 120) }]
    if (r() < 0.2) messages.unshift({ role: 'system', content: 'You answer in plain words.' })
    const record: Record<string, unknown> = { id: `c-${String(seed * 1_000_000 + i)}`, messages, language: pick(r, ['en', 'de', 'fr', 'es', 'pt', 'nl']), source: r() < 0.12 ? null : pick(r, ['chat', 'email', 'phone']), tokens: Math.round(Math.exp(4 + r() * 3)), quality: Math.round(1000 * (1 - r() * r())) / 1000 }
    const at = i / n
    const cluster = (at > 0.09 && at < 0.115) || (at > 0.33 && at < 0.345)
    const luck = r()
    let line = JSON.stringify(record)
    if (cluster && luck < 0.3) line = line.replace('"content":"', '"content":"he said "no" and ')
    else if (cluster && luck < 0.45) line = JSON.stringify({ ...record, messages: undefined, prompt: 'Reset my router', completion: 'Hold the button for 10 s' })
    else if (luck < share) line = line.replace('"assistant"', '"asistant"')
    else if (luck > 1 - share / 2) line = line.slice(0, 60)
    out.push(line)
  }
  return out.join('\n') + '\n'
}

export function reviews(n: number, seed = 2): string {
  const r = random(seed)
  const out = ['id,product,stars,verified,text']
  for (let i = 0; i < n; i++) out.push(`${i + 1},${pick(r, ['kettle', 'lamp', 'desk', 'chair', 'router'])},${1 + Math.floor(5 * Math.sqrt(r()))},${r() < 0.8},"${sentence(r, 25)}"`)
  return out.join('\n') + '\n'
}

export function articles(n: number, seed = 4): string {
  const r = random(seed)
  const out: string[] = []
  for (let i = 0; i < n; i++) out.push(JSON.stringify({ title: sentence(r, 6), text: sentence(r, 200), year: 1990 + Math.floor(r() * 36) }))
  return out.join('\n') + '\n'
}
