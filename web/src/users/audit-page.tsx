import { useMemo, useState } from 'react'
import { Empty, LoadError } from '../ui/base/empty.tsx'
import { Time } from '../ui/base/figures.tsx'
import { Soon, soon } from '../ui/base/soon.tsx'
import { type Column, DataList } from '../ui/list/data-list.tsx'
import { Chips } from '../ui/list/filter-bar.tsx'
import type { Field } from '../ui/list/filters.ts'
import { toQuery } from '../ui/list/filters.ts'
import { ListFoot } from '../ui/list/list-foot.tsx'
import { useRows } from '../ui/list/rows.ts'
import { useUrlState } from '../ui/list/search-params.ts'
import { PageHead } from '../ui/list/tabs.tsx'
import { useSay } from '../words.ts'
import { Action, Subject, usePlatformWords, Who } from './audit-cells.tsx'
import { actionWords, actorKindWords, auditDetail } from './audit-words.ts'
import type { AuditRow } from './types.ts'

const auditDrawer = soon(() => import('./audit-drawer-page.tsx'))

const fields: readonly Field[] = [
  {
    key: 'actorKind',
    label: ['谁', 'Who'],
    kind: 'options',
    options: Object.entries(actorKindWords).map(([value, label]) => ({ value, label })),
  },
  {
    key: 'action',
    label: ['动作', 'Action'],
    kind: 'options',
    options: Object.entries(actionWords).map(([value, label]) => ({ value, label })),
  },
  { key: 'subjectId', label: ['对象号', 'Subject id'], kind: 'text' },
  { key: 'at', label: ['时间', 'Time'], kind: 'period' },
]

const columns: readonly Column<AuditRow>[] = [
  { key: 'at', title: ['时间', 'Time'], width: '130px', fixed: true, cell: (row) => <Time at={row.at} /> },
  {
    key: 'who',
    title: ['谁', 'Who'],
    width: 'minmax(120px,160fr)',
    cell: (row) => <Who row={row} />,
  },
  {
    key: 'action',
    title: ['动作', 'Action'],
    width: 'minmax(150px,180fr)',
    cell: (row) => <Action row={row} />,
  },
  {
    key: 'subject',
    title: ['对象', 'Subject'],
    width: 'minmax(140px,170fr)',
    cell: (row) => <Subject row={row} />,
  },
  {
    key: 'detail',
    title: ['详情', 'Detail'],
    width: 'minmax(180px,320fr)',
    cell: (row) => <Detail row={row} />,
  },
  {
    key: 'ip',
    title: ['地址', 'Address'],
    width: '130px',
    cell: (row) => <span className="t2 num">{row.ip}</span>,
  },
  {
    key: 'request',
    title: ['请求号', 'Request'],
    width: '130px',
    cell: (row) => <div className="cut t3">{row.requestId}</div>,
  },
]

function Detail({ row }: { row: AuditRow }) {
  const text = auditDetail(row.detail, useSay(), usePlatformWords())
  return (
    <div className="cut t2" title={text}>
      {text}
    </div>
  )
}

/** 审计日志: who did sensitive actions, and who saw personal data. */
export default function AuditPage() {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const [focus, setFocus] = useState<string>()
  const query = useMemo(() => {
    const { atFrom, atTo, ...rest } = toQuery(fields, search)
    return { ...rest, from: atFrom, to: atTo }
  }, [search])
  const list = useRows<AuditRow>('/audit', query)
  const at = list.rows.findIndex((row) => row.id === search['open'])
  const open = list.rows[at]
  const step = (by: number) => {
    const next = list.rows[at + by]
    if (!next) return
    setFocus(next.id)
    setSearch({ open: next.id })
  }
  return (
    <div className="page">
      <PageHead title={say(['审计日志', 'Audit log'])} />
      <div className="filter-bar">
        <Chips fields={fields} />
      </div>
      <DataList
        label={say(['审计日志', 'Audit log'])}
        list={list}
        columns={columns}
        rowHeight={36}
        focus={focus}
        onFocus={setFocus}
        onOpen={(row) => setSearch({ open: row.id }, { push: search['open'] === undefined })}
        empty={
          list.error ? (
            <LoadError error={list.error} onRetry={list.refetch} />
          ) : (
            <Empty title={say(['没有符合的记录', 'No such entry'])} />
          )
        }
      />
      <ListFoot rows={list.rows.length} matching={undefined} />
      {open && (
        <Soon
          part={auditDrawer}
          props={{ row: open, at, total: list.rows.length, step, onClose: () => setSearch({ open: '' }) }}
        />
      )}
    </div>
  )
}
