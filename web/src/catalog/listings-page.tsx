import { lazy, Suspense, useEffect, useState } from 'react'
import { listingList } from '../../../server/catalog/lists-contract.ts'
import { useActions } from '../ui/act/actions.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { listingActions, listingCells, matchOf } from './listings.tsx'
import { MatchDialog } from './match-dialog.tsx'
import type { ListingRow } from './types.ts'

const ImportDialog = lazy(() => import('./import-dialog-page.tsx'))

const config = listOf<ListingRow>(listingList, {
  cells: listingCells,
  views: [{ name: ['出售中', 'on sale'], search: { status: 'on_sale' } }],
  actions: [listingActions.match, listingActions.again, listingActions.unmatch],
  nameOf: (row) => row.title,
})

const importWords: LocalizedPair = ['导入匹配', 'Import matches']

/** 平台商品: the shops' listings and the SKU that each is matched with. */
export default function ListingsPage() {
  const say = useSay()
  const allowed = useAllowed()
  const [importing, setImporting] = useState(false)
  const why = allowed('catalog.write')
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[{ name: 'import', words: importWords, letter: 'I', why, run: () => setImporting(true) }]}
          />
        }
        outcomeTitle={['匹配的 SKU', 'Matched SKU']}
        outcomeWidth={['minmax(196px,200fr)', 'minmax(180px,184fr)']}
        outcome={(row) => matchOf(row, say)}
      >
        {({ rows, at, close }) => {
          const row = rows[at]
          return row && why === undefined && <OpenedMatch key={row.id} row={row} onClose={close} />
        }}
      </ListPage>
      <Suspense>{importing && <ImportDialog kind="listings" onClose={() => setImporting(false)} />}</Suspense>
    </>
  )
}

/** The match dialog of a row that the user opened with Enter. */
function OpenedMatch({ row, onClose }: { row: ListingRow; onClose: () => void }) {
  const actions = useActions<ListingRow>(() => undefined)
  const submit = (input: { skuId: string }) => {
    const target = { ids: [row.id] }
    void actions.run({ action: listingActions.match, rows: [row], target, count: 1 }, input)
  }
  // Closes after the match was done. After a refusal the dialog stays open with the choice.
  const { results } = actions
  // biome-ignore lint/correctness/useExhaustiveDependencies: one answer, one closing
  useEffect(() => {
    if (results) onClose()
  }, [results])
  return (
    <>
      {results === undefined && <MatchDialog rows={[row]} count={1} onSubmit={submit} onClose={onClose} />}
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={config.nameOf} />
    </>
  )
}
