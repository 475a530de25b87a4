import { Text } from './Text'

/** Text of several lines, each shown as what it is. */
export function Lines({ children }: { children: string }) {
  return (
    <>
      {children.split(/\r?\n/).map((line, i) => (
        <span key={i} className="block min-h-[1lh] whitespace-pre-wrap">
          <Text>{line}</Text>
        </span>
      ))}
    </>
  )
}
