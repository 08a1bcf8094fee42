import { lazy, Suspense, useState } from 'react'
import { countTaskList } from '../../../server/inventory/counting/lists-contract.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon, soon } from '../ui/base/soon.tsx'
import { shared } from '../ui/base/words.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import type { LocalizedPair } from '../words.ts'
import { CountState, countCells, endCount } from './count-tasks.tsx'
import type { CountRow } from './types.ts'

const NewCount = lazy(() => import('./new-count-dialog-page.tsx'))
const countDrawer = soon(() => import('./count-drawer-page.tsx'))

const config = listOf<CountRow>(countTaskList, {
  cells: countCells,
  actions: [endCount],
  nameOf: (row) => row.no,
})

const addWords: LocalizedPair = ['新盘点…', 'New count…']

/** 盘点任务: the goods that are counted with phones, by whom, and their differences. */
export default function CountTasksPage() {
  const why = useAllowed()('inventory.write')
  const [adding, setAdding] = useState(false)
  const add = { name: 'add', words: addWords, letter: 'N', primary: true, why, run: () => setAdding(true) }
  return (
    <>
      <ListPage
        config={config}
        head={<PageActs acts={[add]} />}
        outcomeTitle={shared.status}
        outcome={(row) => ({ first: <CountState task={row} />, second: '' })}
      >
        {({ rows, step, close }) => <Soon part={countDrawer} props={{ rows, step, onClose: close }} />}
      </ListPage>
      <Suspense>{adding && <NewCount onClose={() => setAdding(false)} />}</Suspense>
    </>
  )
}
