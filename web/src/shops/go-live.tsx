import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, get, patch } from '../api.ts'
import { ShopName } from '../tasks/shop-name.tsx'
import { Note } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { cappedCount } from '../ui/base/figures.tsx'
import { Status } from '../ui/base/status.tsx'
import { clock, dateOf, readBeijing } from '../ui/base/time.ts'
import { Field } from '../ui/form/form.tsx'
import { useSay } from '../words.ts'
import { authText } from './authorise.tsx'
import type { ShopOut } from './types.ts'

/** Sets the shops' go-live time. Trades that were paid before it are shown but not converted. */
export function GoLiveForm({
  shops,
  children,
}: {
  shops: readonly ShopOut[]
  children: (save: { run: (after: () => void) => void; busy: boolean; wrong: boolean }) => React.ReactNode
}) {
  const say = useSay()
  const queries = useQueryClient()
  const first = shops[0]
  const [typed, setTyped] = useState(first ? `${dateOf(first.goLiveAt)} ${clock(first.goLiveAt)}` : '')
  const at = readBeijing(typed)
  const save = useMutation({
    mutationFn: async () => {
      for (const shop of shops) await patch('/shops/:id', { goLiveAt: at }, { id: shop.id })
    },
    onSuccess: () => queries.invalidateQueries(),
  })
  const ids = shops.map((shop) => shop.id).join(',')
  const preview = useQuery({
    queryKey: ['/go-live-preview', ids, at],
    queryFn: () => get('/go-live-preview', { shop: ids, at: at ?? '' }),
    enabled: at !== undefined && ids !== '',
    placeholderData: (before) => before,
    refetchInterval: every(10_000),
  })
  return (
    <>
      <Field
        label={say(['上线时间，北京时间', 'Go-live time, Beijing time'])}
        wrong={at === undefined ? say(['写成 2026-11-25 00:00', 'Write it as 2026-11-25 00:00']) : undefined}
      >
        {(bind) => (
          <input
            {...bind}
            className="input"
            style={{ width: 240 }}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      <div className="panel" style={{ minWidth: 'max-content' }}>
        <table className="plain-table">
          <thead>
            <tr>
              <th>{say(['店铺', 'Shop'])}</th>
              <th>{say(['授权', 'Authorisation'])}</th>
              <th className="right">{say(['近 30 天交易', 'Last 30 days'])}</th>
              <th className="right">{say(['上线后可转', 'Convertible then'])}</th>
            </tr>
          </thead>
          <tbody>
            {shops.map((shop) => {
              const found = preview.data?.rows.find((row) => row.shopId === shop.id)
              const { tone, text } = authText(shop, say)
              return (
                <tr key={shop.id}>
                  <td>
                    <ShopName id={shop.id} />
                  </td>
                  <td>
                    <Status tone={tone}>{text}</Status>
                  </td>
                  <td className="right">{found ? cappedCount(found.recent) : '–'}</td>
                  <td className="right">{found ? cappedCount(found.convertible) : '–'}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
      {children({
        run: (after) => save.mutate(undefined, { onSuccess: after }),
        busy: save.isPending,
        wrong: at === undefined,
      })}
    </>
  )
}
