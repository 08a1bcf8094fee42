import type { ReactNode } from 'react'
import { flagWords } from '../../../../server/connectors/words-contract.ts'
import { useSay } from '../../words.ts'
import './status.css'

/** ring: not begun; move: in progress; ok: done; warn: waits or needs a person; bad: failed or late; idle and void: nothing to do. */
export type Tone = 'ring' | 'move' | 'ok' | 'warn' | 'bad' | 'idle' | 'void'

export function Dot({ tone }: { tone: Tone }) {
  return <i className={`dot ${tone}`} aria-hidden="true" />
}

/** A state as a coloured dot and a label. The label is not coloured, because colour alone must carry no information. */
export function Status({
  tone,
  children,
  strong = false,
}: {
  tone: Tone
  children: ReactNode
  strong?: boolean
}) {
  return (
    <span className="status">
      <Dot tone={tone} />
      <span className={strong ? 'cut strong' : 'cut'}>{children}</span>
    </span>
  )
}

export const flagOptions = Object.entries(flagWords).map(([value, label]) => ({ value, label }))

export function Flag({ flag }: { flag: number }) {
  const say = useSay()
  const words = Object.entries(flagWords)[flag]?.[1]
  if (flag === 0 || !words) return null
  return (
    <span className="flag">
      <svg className={`flag-${flag}`} width="10" height="11" viewBox="0 0 10 11" aria-hidden="true">
        <path d="M0.5 0v11" stroke="currentColor" />
        <path d="M1 .5h8.4L7.6 3.3l1.8 2.8H1z" fill="currentColor" />
      </svg>
      {say(words)}
    </span>
  )
}
