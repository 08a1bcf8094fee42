import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { pair } from '../../../server/core/verbs-contract.ts'
import { returnStatusWords } from '../../../server/returns/lifecycle.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { useSay } from '../words.ts'
import ReturnDrawer from './return-drawer-page.tsx'
import { returnActions, returnColumns, returnFields, standingOf } from './returns.tsx'
import type { ReturnRow } from './types.ts'

const ReturnDialog = lazy(() => import('./return-dialog-page.tsx'))

const config: ListConfig<ReturnRow> = {
  name: 'returns',
  path: '/returns',
  title: ['退货单', 'Returns'],
  tabs: [
    {
      key: 'unconfirmed',
      title: pair(returnStatusWords.unconfirmed),
      empty: {
        title: ['没有待确认的退货单', 'No returns to confirm'],
        remedy: [
          '已发货订单的退货、换货申请转入后自动产生，也可以按 A 手工建。',
          'Returns and exchanges of shipped orders make them automatically; press A to make one.',
        ],
      },
    },
    { key: 'confirmed', title: ['待收货', 'To receive'] },
    { key: 'received', title: pair(returnStatusWords.received) },
    {
      key: 'problem',
      title: ['有问题', 'Problems'],
      empty: {
        title: ['没有问题', 'No problems'],
        remedy: [
          '少收、错收的会留在这里，直到了结。',
          'What came short or wrong stays here until it is settled.',
        ],
      },
    },
    { key: 'settled', title: pair(returnStatusWords.settled) },
    { key: 'voided', title: pair(returnStatusWords.voided) },
    { key: 'all', title: ['全部', 'All'] },
  ],
  fields: returnFields,
  views: [
    { name: ['已寄回', 'on their way'], search: { tab: 'confirmed', waybill: 'yes' } },
    { name: ['回写失败', 'telling failed'], search: { tab: 'all', told: 'failed' } },
  ],
  columns: returnColumns,
  sort: '-createdAt',
  actions: Object.values(returnActions),
  nameOf: (row) => row.no,
  sumOf: (row) => ({ fen: row.amountFen, pieces: row.quantity }),
  exports: true,
}

export default function ReturnsPage() {
  const say = useSay()
  const navigate = useNavigate()
  const allowed = useAllowed()
  const [making, setMaking] = useState(false)
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
              {
                name: 'receive',
                words: ['退货收货', 'Receive'],
                letter: 'R',
                primary: true,
                why: allowed('returns.receive'),
                run: () => void navigate({ to: '/receive-returns' }),
              },
              {
                name: 'add',
                words: ['新建退货单', 'New return'],
                letter: 'N',
                why: allowed('returns.write'),
                run: () => setMaking(true),
              },
            ]}
          />
        }
        outcomeWidth={['minmax(180px,206fr)', 'minmax(150px,160fr)']}
        outcomeTitle={['情况', 'State']}
        outcome={(row) => standingOf(row, say)}
      >
        {({ rows, step, close }) => <ReturnDrawer rows={rows} step={step} onClose={close} />}
      </ListPage>
      <Suspense>{making && <ReturnDialog onClose={() => setMaking(false)} />}</Suspense>
    </>
  )
}
