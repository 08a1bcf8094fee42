import type { ReactNode } from 'react'
import { ApiError, errorText } from '../../api.ts'
import { useSay } from '../../words.ts'
import { listWords } from '../list/list-words.ts'
import { Button } from './button.tsx'
import { shared } from './words.ts'
import './empty.css'

export function Empty({ title, remedy, children }: { title: string; remedy?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {remedy && <p className="t2">{remedy}</p>}
      {children && <div className="row">{children}</div>}
    </div>
  )
}

/** A page or list that could not be loaded. Without the permission (403) there is no retry, because it would fail again. */
export function LoadError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const say = useSay()
  if (error instanceof ApiError && error.status === 403)
    return <Empty title={say(['看不了这一页', 'This page is not yours to see'])} remedy={errorText(error)} />
  return (
    <Empty title={say(listWords.failed)} remedy={errorText(error)}>
      <Button onClick={onRetry}>{say(shared.retry)}</Button>
    </Empty>
  )
}

/** The three answers to an error: what happened, whether anything is lost, and what to do. */
export function ErrorNote(props: { happened: string; lost: string; remedy: string; children?: ReactNode }) {
  const say = useSay()
  const parts: [string, string][] = [
    [say(['发生了什么', 'What happened']), props.happened],
    [say(['会丢吗', 'Is anything lost']), props.lost],
    [say(['怎么办', 'What to do']), props.remedy],
  ]
  return (
    <div className="error-note" role="note">
      {parts.map(([question, answer]) => (
        <div key={question}>
          <p className="t3 small">{question}</p>
          <p>{answer}</p>
        </div>
      ))}
      {props.children && <div className="row">{props.children}</div>}
    </div>
  )
}

export function Note({
  tone,
  children,
  action,
}: {
  tone: 'ok' | 'warn' | 'bad'
  children: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={`note ${tone}`} role={tone === 'bad' ? 'alert' : 'note'}>
      <i className={`dot ${tone}`} aria-hidden="true" />
      <div className="grow">{children}</div>
      {action}
    </div>
  )
}
