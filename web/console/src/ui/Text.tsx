import { Fragment } from 'react'

// What would not show, or would change how its neighbours show: controls,
// zero-width and bidirectional formatting characters, lone surrogates.
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/u

/** Text of files and their names, shown as what it is: nothing hidden, nothing run. */
export function Text({ children }: { children: string }) {
  if (!unseen.test(children)) return <bdi>{children}</bdi>
  const parts = children.split(new RegExp(`(${unseen.source})`, 'u'))
  return (
    <bdi>
      {parts.map((p, i) =>
        i % 2 === 0 ? (
          <Fragment key={i}>{p}</Fragment>
        ) : (
          <span key={i} className="escaped">
            {escape(p)}
          </span>
        ),
      )}
    </bdi>
  )
}

const names: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' }

function escape(c: string): string {
  return names[c] ?? `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** The same for attributes, that take no elements. */
export function plain(text: string): string {
  return text.replace(new RegExp(unseen.source, 'gu'), escape)
}
