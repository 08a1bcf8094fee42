import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { tradeList } from '../../../../server/intake/trades/lists-contract.ts'
import { post } from '../../api.ts'
import { PageActs } from '../../ui/act/acts.tsx'
import { useAllowed, useMay, useMayOpen } from '../../ui/base/session.ts'
import { Soon, soon } from '../../ui/base/soon.tsx'
import { listOf } from '../../ui/list/declared.tsx'
import { ListPage } from '../../ui/list/list-page.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import type { TradeRow } from '../types.ts'
import { intakeWords as words } from '../words.ts'
import { AutoConvertNote } from './auto-convert-note.tsx'
import { convertible, tradeActions, tradeCells } from './trades.tsx'

const tradeDrawer = soon(() => import('./trade-drawer-page.tsx'))
const DownloadDialog = lazy(() => import('../download-dialog-page.tsx'))

const config = listOf<TradeRow>(tradeList, {
  cells: tradeCells,
  sort: 'shipBy',
  views: [
    { name: ['待发货', 'to ship'], search: { status: 'paid,partly_shipped' } },
    { name: ['近 3 天可转', 'convertible, last 3 days'], search: { paid: '3d', reason: 'none' } },
    { name: ['有留言或备注', 'with a message'], search: { hasMessage: 'true' } },
  ],
  actions: [
    tradeActions.convert,
    tradeActions.record,
    tradeActions.instead,
    tradeActions.take,
    tradeActions.process,
    tradeActions.remove,
    tradeActions.unprocess,
  ],
  whole: [
    {
      name: 'convert-all',
      words: ['批量转订单', 'Convert all'],
      action: tradeActions.convert,
      tab: 'staged',
    },
  ],
  nameOf: (row) => row.tid,
  sumOf: (row) => ({ fen: row.paymentFen, pieces: row.quantity }),
})

export default function TradesPage() {
  const say = useSay()
  const allowed = useAllowed()
  const may = useMay()
  const mayOpen = useMayOpen()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [search] = useUrlState()
  const [downloading, setDownloading] = useState(false)
  const fetchNow = (row: TradeRow) =>
    void post('/staged-trades/download', { shopId: row.shopId, tids: [row.tid] }).then(() => {
      toast('ok', say(['已排到最前，马上取', 'Put first; fetching now']))
      return queries.invalidateQueries({ queryKey: ['/staged-trades'] })
    }, toastError)
  const remedyOf = (row: TradeRow) => {
    if (row.state === 'fetching' && row.fetch?.error && may('trades.download'))
      return { words: say(words.fetchNow), run: () => fetchNow(row) }
    if (row.reason === 'refund_open' && mayOpen('/staged-refunds')) {
      return {
        words: say(words.handleRefund),
        run: () => void navigate({ to: '/staged-refunds', search: { tids: row.tid } }),
      }
    }
    return undefined
  }
  return (
    <>
      <ListPage
        config={config}
        head={
          <>
            <AutoConvertNote />
            <PageActs
              acts={[
                {
                  name: 'download',
                  words: words.download,
                  letter: 'D',
                  why: allowed('trades.download'),
                  run: () => setDownloading(true),
                },
              ]}
            />
          </>
        }
        outcomeTitle={words.convertible}
        outcome={(row) => ({ ...convertible(row, say), remedy: remedyOf(row) })}
      >
        {({ rows, step, close }) => (
          <Soon part={tradeDrawer} props={{ id: search['open'] ?? '', rows, step, onClose: close }} />
        )}
      </ListPage>
      <Suspense>
        {downloading && <DownloadDialog kind="trade" onClose={() => setDownloading(false)} />}
      </Suspense>
    </>
  )
}
