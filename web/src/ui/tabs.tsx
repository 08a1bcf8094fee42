import type { CappedCount } from '../api.ts'
import { useSay, type Words } from '../words.ts'
import { cappedCount } from './figures.tsx'
import './list.css'

export type Tab = { key: string; title: Words }

/** Tabs with capped counts; the chosen one is ink with a line of accent. */
export function Tabs(props: {
  label: string
  tabs: readonly Tab[]
  value: string
  counts?: Record<string, CappedCount> | undefined
  onChange: (key: string) => void
}) {
  const say = useSay()
  return (
    <div className="tabs" role="tablist" aria-label={props.label}>
      {props.tabs.map(({ key, title }) => {
        const counted = props.counts?.[key]
        return (
          <button
            key={key}
            type="button"
            role="tab"
            aria-selected={key === props.value}
            onClick={() => props.onChange(key)}
          >
            {say(title)}
            {counted && <span className="num tab-count">{cappedCount(counted)}</span>}
          </button>
        )
      })}
    </div>
  )
}

/** The first line of a page: title, tabs, and what can be done here at the right. */
export function PageHead(props: {
  title: string
  tabs?: React.ReactNode
  sub?: React.ReactNode
  children?: React.ReactNode
}) {
  return (
    <header className="page-head">
      <h1>{props.title}</h1>
      {props.tabs}
      {props.sub && <span className="t2 small">{props.sub}</span>}
      <div className="row push">{props.children}</div>
    </header>
  )
}
