import type { ReactNode } from 'react'
import { type LocalizedPair, useSay } from '../../words.ts'

type Fact = readonly [name: LocalizedPair, value: ReactNode]

/** Names and values at the head of a drawer. `wide`: each value has a row of its own. */
export function Facts({ facts, wide = false }: { facts: readonly Fact[]; wide?: boolean }) {
  const say = useSay()
  return (
    <dl className="fact-grid">
      {facts.map(([name, value]) => (
        <div key={name[1]} style={{ display: 'contents' }}>
          <dt>{say(name)}</dt>
          <dd className={wide ? 'wide num' : 'num'}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
