import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type HandoutField, handoutFields } from '../../../server/fulfilment/handouts/columns-contract.ts'
import type { HandoutColumn } from '../../../server/fulfilment/handouts/contract.ts'
import { get, getFile, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { Time } from '../ui/base/figures.tsx'
import { saveFile } from '../ui/base/save-file.ts'
import { useAllowed } from '../ui/base/session.ts'
import { TextField } from '../ui/form/form.tsx'
import { Section } from '../ui/overlay/drawer.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'

const sheetOf = (id: string) => getFile('/handouts/:id/sheet', { id })

/** 发货表: parcels that no sheet has yet are taken out, each once; the sheets before can be taken again. */
export function Handouts({ shopId }: { shopId: string }) {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('trades.import')
  const list = useQuery({
    queryKey: ['/shops', shopId, 'handouts'],
    queryFn: () => get('/shops/:id/handouts', { id: shopId }),
    enabled: why === undefined,
    refetchInterval: every(60_000),
  })
  const [columns, setColumns] = useState<readonly HandoutColumn[]>()
  const make = useMutation({
    mutationFn: async () => {
      const made = await post('/shops/:id/handouts', { columns }, { id: shopId })
      if (made.id !== null) saveFile(await sheetOf(made.id))
      return made
    },
    onSuccess: ({ parcels }) => {
      if (parcels === 0) toast('warn', say(['没有新的包裹', 'No new parcels']))
      else toast('ok', say(['发货表有 {n} 个包裹', '{n} {n|parcel|parcels} in the sheet'], { n: parcels }))
      return queries.invalidateQueries({ queryKey: ['/shops', shopId, 'handouts'] })
    },
    onError: toastError,
  })
  const again = useMutation({
    mutationFn: (handoutId: string) => sheetOf(handoutId),
    onSuccess: saveFile,
    onError: toastError,
  })
  if (list.error) return <LoadError error={list.error} onRetry={() => void list.refetch()} />
  const waiting = list.data?.waiting ?? 0
  const chosen = columns ?? list.data?.columns
  const whyNone =
    waiting === 0
      ? say(['没有新的包裹', 'No new parcels'])
      : chosen?.length === 0
        ? say(['至少给一列写名字', 'Give at least one column a title'])
        : undefined
  return (
    <Section title={say(['发货表', 'Sheet of parcels'])}>
      <p className="t2 small">
        {say([
          '已发货、还没给渠道的包裹。下载后上传到渠道，每个包裹只出现一次；要再下一遍，在下面点',
          'Parcels that left and that the channel does not know yet. Each is in one sheet; a sheet can be downloaded again below',
        ])}
      </p>
      <div className="row">
        <Button
          kind="primary"
          action="hand_out"
          busy={make.isPending}
          why={why ?? whyNone}
          onClick={() => make.mutate()}
        >
          {say(['下载发货表', 'Download the sheet'])}
        </Button>
        <span className="t2">
          {say(['{n} 个包裹没给过渠道', '{n} {n|parcel|parcels} not handed out'], { n: waiting })}
        </span>
      </div>
      {chosen && <ColumnsForm columns={chosen} onChange={setColumns} />}
      <Made rows={list.data?.rows ?? []} busy={again.isPending} onAgain={(id) => again.mutate(id)} />
    </Section>
  )
}

/** The columns that the channel's own sheet has. An empty title leaves the column out. */
function ColumnsForm(props: {
  columns: readonly HandoutColumn[]
  onChange: (columns: readonly HandoutColumn[]) => void
}) {
  const say = useSay()
  const titleOf = (key: HandoutField) => props.columns.find(({ field }) => field === key)?.title ?? ''
  const [titles, setTitles] = useState(
    () => new Map(handoutFields.map(({ key }) => [key as HandoutField, titleOf(key)])),
  )
  return (
    <details className="form-more">
      <summary className="t2">{say(['列名，按渠道的表来写', 'Columns, as the channel wants them'])}</summary>
      <p className="t2 small">
        {say([
          '写了名字的列才会出现。有「子订单编号」到「数量」中的任何一列时，每种商品一行',
          'A column without a title is left out. With any column from “Line number” to “Quantity” each product has a row',
        ])}
      </p>
      <div className="sheet-columns">
        {handoutFields.map(({ key, words }) => (
          <TextField
            key={key}
            label={say(words)}
            value={titles.get(key) ?? ''}
            maxLength={40}
            onChange={(title) => {
              const next = new Map(titles).set(key, title)
              setTitles(next)
              const columns = handoutFields.flatMap((field) => {
                const text = next.get(field.key)?.trim() ?? ''
                return text === '' ? [] : [{ field: field.key, title: text }]
              })
              props.onChange(columns)
            }}
          />
        ))}
      </div>
    </details>
  )
}

function Made(props: {
  rows: readonly { id: string; parcels: number; createdAt: string; createdBy: string }[]
  busy: boolean
  onAgain: (id: string) => void
}) {
  const say = useSay()
  if (props.rows.length === 0) return null
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(['时间', 'Time'])}</th>
          <th className="right">{say(['包裹', 'Parcels'])}</th>
          <th>{say(['下载人', 'By'])}</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr key={row.id}>
            <td>
              <Time at={row.createdAt} />
            </td>
            <td className="right">{row.parcels}</td>
            <td>{row.createdBy}</td>
            <td>
              <Button size="small" busy={props.busy} onClick={() => props.onAgain(row.id)}>
                {say(['再下一遍', 'Download again'])}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
