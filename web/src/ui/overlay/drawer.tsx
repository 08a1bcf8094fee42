import { type ReactNode, useEffect, useRef } from 'react'
import { useSay } from '../../words.ts'
import { actorText } from '../base/actor.ts'
import { Button } from '../base/button.tsx'
import { count } from '../base/figures.tsx'
import { useKeys } from '../base/keys.ts'
import { shared } from '../base/words.ts'
import { listWords } from '../list/list-words.ts'
import './drawer.css'

type DrawerProps = {
  label: string
  title: ReactNode
  /** The index of the document among the loaded rows; -1: it is not loaded. */
  at: number
  total: number
  step: (by: number) => void
  onClose: () => void
  children: ReactNode
  foot?: ReactNode
}

/** One document beside its list, which stays usable. J and K open the next and the previous document. */
export function Drawer(props: DrawerProps) {
  const say = useSay()
  const box = useRef<HTMLElement>(null)
  useKeys([
    { key: 'j', words: ['上下一条', 'next and previous'], run: () => props.step(1) },
    { key: 'k', run: () => props.step(-1) },
    { key: 'Escape', words: listWords.keyBack, run: props.onClose },
  ])
  useEffect(() => box.current?.focus({ preventScroll: true }), [])
  return (
    <section ref={box} className="drawer" role="dialog" aria-label={props.label} tabIndex={-1}>
      <header className="drawer-head">
        {props.title}
        <div className="row push">
          {props.at >= 0 && (
            <span className="t3 small num">{`${count(props.at + 1)} / ${count(props.total)}`}</span>
          )}
          <Button letter="K" size="small" onClick={() => props.step(-1)}>
            {say(['上一条', 'Previous'])}
          </Button>
          <Button letter="J" size="small" onClick={() => props.step(1)}>
            {say(['下一条', 'Next'])}
          </Button>
          <Button letter="Esc" size="small" kind="quiet" onClick={props.onClose}>
            {say(shared.close)}
          </Button>
        </div>
      </header>
      {props.children}
      {props.foot && <footer className="drawer-foot">{props.foot}</footer>}
    </section>
  )
}

export type Step = { words: string; state: 'done' | 'now' | 'ahead' | 'void'; at?: string; by?: string }

export function Steps({ steps }: { steps: readonly Step[] }) {
  const say = useSay()
  return (
    <ol className="steps">
      {steps.map((step, index) => (
        <li key={step.words} className={step.state} aria-current={step.state === 'now' ? 'step' : undefined}>
          <i aria-hidden="true">
            {step.state === 'done' ? (
              <svg width="11" height="9" viewBox="0 0 11 9" aria-hidden="true">
                <path d="M1 4.4 4 7.4 10 1" fill="none" stroke="currentColor" strokeWidth="1.2" />
              </svg>
            ) : (
              index + 1
            )}
          </i>
          <div>
            <b>{step.words}</b>
            {step.at && <p className="num">{step.at}</p>}
            {step.by && <p>{actorText(step.by, say)}</p>}
          </div>
        </li>
      ))}
    </ol>
  )
}

export function Section({
  title,
  aside,
  children,
}: {
  title: string
  aside?: ReactNode
  children: ReactNode
}) {
  return (
    <section className="section" aria-label={title}>
      <h3>
        {title} {aside && <span className="t3">{aside}</span>}
      </h3>
      {children}
    </section>
  )
}
