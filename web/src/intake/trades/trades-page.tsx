import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { post } from '../../api.ts'
import { PageActs } from '../../ui/act/acts.tsx'
import { useAllowed } from '../../ui/base/session.ts'
import { Soon, soon } from '../../ui/base/soon.tsx'
import { type ListConfig, ListPage } from '../../ui/list/list-page.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import type { TradeRow } from '../types.ts'
import { intakeWords as words } from '../words.ts'
import { AutoConvertNote } from './auto-convert-note.tsx'
import { convertible, tradeActions, tradeColumns, tradeFields } from './trades.tsx'

const tradeDrawer = soon(() => import('./trade-drawer-page.tsx'))
const DownloadDialog = lazy(() => import('../download-dialog-page.tsx'))

const config: ListConfig<TradeRow> = {
  name: 'staged-trades',
  path: '/staged-trades',
  title: words.staged,
  tabs: [
    {
      key: 'staged',
      title: ['待转入', 'To convert'],
      empty: {
        title: ['没有待转入的交易', 'No trades to convert'],
        remedy: [
          '新交易由计划任务下载；也可以按 D 现在下载。',
          'Tasks download new trades; press D to download now.',
        ],
      },
    },
    {
      key: 'blocked',
      // The words "of them" show that this tab is a part of the first one. Otherwise two equal counts would look like separate groups.
      title: ['其中不可转', 'Of them, not convertible'],
      empty: {
        title: ['没有不可转的交易', 'Everything can be converted'],
        remedy: ['待转入的都能转。', 'Nothing stands in the way.'],
      },
    },
    {
      key: 'fetching',
      title: ['取明细中', 'Fetching'],
      empty: {
        title: ['没有在取明细的交易', 'No details are being fetched'],
        remedy: ['明细都到了。', 'All details are here.'],
      },
    },
    {
      key: 'processed',
      title: ['已处理', 'Processed'],
      empty: {
        title: ['没有标为已处理的交易', 'Nothing was marked processed'],
        remedy: [
          '标为已处理的交易不再进来，可在这里撤销。',
          'What is marked processed stays out; it can be undone here.',
        ],
      },
    },
  ],
  fields: tradeFields,
  views: [
    { name: ['待发货', 'to ship'], search: { status: 'paid,partly_shipped' } },
    { name: ['近 3 天可转', 'convertible, last 3 days'], search: { paid: '3d', reason: 'none' } },
    { name: ['有留言或备注', 'with a message'], search: { hasMessage: 'true' } },
  ],
  columns: tradeColumns,
  sort: 'shipBy',
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
  exports: true,
}

export default function TradesPage() {
  const say = useSay()
  const allowed = useAllowed()
  const navigate = useNavigate()
  const [search] = useUrlState()
  const [downloading, setDownloading] = useState(false)
  const fetchNow = (row: TradeRow) =>
    void post('/staged-trades/download', { shopId: row.shopId, tids: [row.tid] }).then(
      () => toast('ok', say(['已排到最前，马上取', 'Put first; fetching now'])),
      toastError,
    )
  const remedyOf = (row: TradeRow) => {
    if (row.state === 'fetching' && row.fetch?.error)
      return { words: say(words.fetchNow), run: () => fetchNow(row) }
    if (row.reason === 'refund_open') {
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
