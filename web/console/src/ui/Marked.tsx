import { Text } from './Text'
import { split } from './mark'

/** An excerpt with the token at fault marked. A fault between two characters, such as an end that comes too soon, is shown as a sign of its own. */
export function Marked({ excerpt, mark }: { excerpt: string; mark: readonly [number, number] | null | undefined }) {
  const { before, marked, after, here } = split(excerpt, mark)
  return (
    <>
      {before && <Text>{before}</Text>}
      {here && (
        <mark className="rounded-[3px] bg-redsoft px-0.5 font-medium text-red">
          {marked ? <Text>{marked}</Text> : after ? '‸' : '⏎'}
        </mark>
      )}
      {after && <Text>{after}</Text>}
    </>
  )
}
