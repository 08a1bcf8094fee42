import { lazy, Suspense, useState } from 'react'
import { pair } from '../../../server/core/verbs-contract.ts'
import { reconciliationStateLabels } from '../../../server/finance/recon-lifecycle.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { shared } from '../ui/base/words.ts'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import BillDrawer from './bill-drawer-page.tsx'
import { billActions, billColumns, billFields, billStandingOf } from './bill-trades.tsx'
import type { BillTradeRow } from './types.ts'

const ImportDialog = lazy(() => import('./bill-import-page.tsx'))

const config: ListConfig<BillTradeRow> = {
  name: 'bill-trades',
  path: '/bill-trades',
  title: ['平台对账', 'Bills'],
  tabs: [
    {
      key: 'open',
      title: pair(reconciliationStateLabels.open),
      empty: {
        title: ['没有差异', 'Nothing differs'],
        remedy: [
          '按 I 导入平台账单，和结算单逐笔比对。',
          "Press I to import a platform's bill; it is held against the settlements.",
        ],
      },
    },
    { key: 'explained', title: pair(reconciliationStateLabels.explained) },
    { key: 'later', title: pair(reconciliationStateLabels.later) },
    { key: 'even', title: pair(reconciliationStateLabels.even) },
    { key: 'all', title: ['全部', 'All'] },
  ],
  fields: billFields,
  views: [
    { name: ['我们没有', 'not ours'], search: { tab: 'open', cause: 'not_ours' } },
    { name: ['平台没有', 'not in the bill'], search: { tab: 'open', cause: 'not_theirs' } },
  ],
  columns: billColumns,
  sort: '-at',
  actions: billActions,
  nameOf: (row) => row.tid,
  sumOf: (row) => ({ fen: row.gapFen }),
  exports: true,
}

const importWords: LocalizedPair = ['导入账单', 'Import a bill']

/** 平台对账: the trades whose amounts differ between the platform's bill and our settlements, with the causes. */
export default function BillTradesPage() {
  const say = useSay()
  const why = useAllowed()('finance.reconcile')
  const [importing, setImporting] = useState(false)
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[{ name: 'import', words: importWords, letter: 'I', why, run: () => setImporting(true) }]}
          />
        }
        outcomeTitle={shared.status}
        outcome={(row) => billStandingOf(row, say)}
      >
        {({ rows, at, step, close }) => {
          const row = rows[at]
          return row && <BillDrawer row={row} at={at} total={rows.length} step={step} onClose={close} />
        }}
      </ListPage>
      <Suspense>{importing && <ImportDialog onClose={() => setImporting(false)} />}</Suspense>
    </>
  )
}
