import type { CappedCount } from '../../api.ts'
import { type LocalizedPair, useSay } from '../../words.ts'
import { cappedCount } from '../base/figures.tsx'
import { shared } from '../base/words.ts'
import { MenuItem } from '../overlay/overlay.tsx'
import { Fit } from './fit.tsx'
import './list.css'

export type Tab = { key: string; title: LocalizedPair }

export function Tabs(props: {
  label: string
  tabs: readonly Tab[]
  value: string
  counts?: Record<string, CappedCount> | undefined
  onChange: (key: string) => void
}) {
  const say = useSay()
  return (
    <Fit
      className="tabs"
      role="tablist"
      label={props.label}
      items={props.tabs}
      keyOf={({ key }) => key}
      item={({ key, title }) => (
        <button
          type="button"
          role="tab"
          aria-selected={key === props.value}
          onClick={() => props.onChange(key)}
        >
          {say(title)}
          <TabCount of={props.counts?.[key]} />
        </button>
      )}
      more={(hidden) => say(hidden.find(({ key }) => key === props.value)?.title ?? shared.more)}
      rest={({ key, title }, close) => (
        <MenuItem
          key={key}
          onPick={() => {
            close()
            props.onChange(key)
          }}
        >
          {say(title)}
          <TabCount of={props.counts?.[key]} />
        </MenuItem>
      )}
    />
  )
}

function TabCount({ of }: { of: CappedCount | undefined }) {
  return of && <span className="num tab-count">{cappedCount(of)}</span>
}

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
