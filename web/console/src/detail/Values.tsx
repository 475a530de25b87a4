import { t } from '../strings'
import { indent } from '../ui/json'
import { Lines } from '../ui/Lines'
import { Text } from '../ui/Text'
import { chat, type Message, type Value } from './parse'

/** A record's values under their names; a chat is shown as one. */
export function Values({ values, json }: { values: Value[]; json: boolean }) {
  return (
    <dl className="space-y-1 text-xs leading-5">
      {values.map((v, i) => (
        <div key={i} className="grid gap-x-3 sm:grid-cols-[minmax(72px,140px)_minmax(0,1fr)]">
          <dt className="truncate font-mono text-ink2">{v.name ? <Text>{v.name}</Text> : t.detail.records.noName}</dt>
          <dd className="min-w-0">{json ? <Json value={v.value} /> : v.value ? <Lines>{v.value}</Lines> : <span className="text-ink3">{t.detail.fields.emptyValue}</span>}</dd>
        </div>
      ))}
    </dl>
  )
}

function Json({ value }: { value: string }) {
  const messages = chat(value)
  if (messages) return <Chat messages={messages} />
  if (value.startsWith('"')) {
    const text = JSON.parse(value) as string
    return text ? <Lines>{text}</Lines> : <span className="text-ink3">{t.detail.fields.emptyValue}</span>
  }
  return (
    <pre className="font-mono break-words whitespace-pre-wrap">
      <Lines>{indent(value) ?? value}</Lines>
    </pre>
  )
}

function Chat({ messages }: { messages: Message[] }) {
  return (
    <ol className="space-y-1.5">
      {messages.map((m, i) => (
        <li key={i} className={`rounded-lg px-3 py-1.5 ${m.role === 'assistant' ? 'bg-accentsoft' : 'bg-sunken'}`}>
          <p className="font-medium text-ink2">
            <Text>{m.role}</Text>
          </p>
          {m.content && <Lines>{m.content}</Lines>}
          {m.rest && (
            <pre className="font-mono break-words whitespace-pre-wrap">
              <Lines>{indent(m.rest) ?? m.rest}</Lines>
            </pre>
          )}
        </li>
      ))}
    </ol>
  )
}
