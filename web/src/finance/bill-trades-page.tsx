import { lazy, Suspense, useState } from 'react'
import { billTradeList } from '../../../server/finance/lists-contract.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { shared } from '../ui/base/words.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import BillDrawer from './bill-drawer-page.tsx'
import { billActions, billCells, billStandingOf } from './bill-trades.tsx'
import type { BillTradeRow } from './types.ts'

const ImportDialog = lazy(() => import('./bill-import-page.tsx'))

const config = listOf<BillTradeRow>(billTradeList, {
  cells: billCells,
  views: [
    { name: ['我们没有', 'not ours'], search: { tab: 'open', cause: 'not_ours' } },
    { name: ['平台没有', 'not in the bill'], search: { tab: 'open', cause: 'not_theirs' } },
  ],
  actions: billActions,
  nameOf: (row) => row.tid,
  sumOf: (row) => ({ fen: row.gapFen }),
})

const importWords: LocalizedPair = ['导入账单', 'Import a bill']

/** 平台对账: trades whose amounts differ between the platform's bill and our settlements, with the causes. */
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
