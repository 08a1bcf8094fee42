import { lazy, Suspense, useState } from 'react'
import { documentList } from '../../../server/inventory/lists-contract.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { Soon, soon } from '../ui/base/soon.tsx'
import { shared } from '../ui/base/words.ts'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import type { LocalizedPair } from '../words.ts'
import { DocumentState, documentActions, documentCells } from './documents.tsx'
import type { DocumentRow } from './types.ts'

const DocumentDialog = lazy(() => import('./document-dialog-page.tsx'))
const documentDrawer = soon(() => import('./document-drawer-page.tsx'))

const config = listOf<DocumentRow>(documentList, {
  cells: documentCells,
  actions: [
    documentActions.approve,
    documentActions.post,
    documentActions.receive,
    documentActions.release,
    documentActions.void,
  ],
  nameOf: (row) => row.no,
})

const addWords: LocalizedPair = ['新建单据…', 'New document…']

export default function DocumentsPage() {
  const why = useAllowed()('inventory.write')
  const [adding, setAdding] = useState(false)
  return (
    <>
      <ListPage
        config={config}
        head={
          <PageActs
            acts={[
              {
                name: 'add',
                words: addWords,
                letter: 'N',
                primary: true,
                why,
                run: () => setAdding(true),
              },
            ]}
          />
        }
        outcomeTitle={shared.status}
        outcome={(row) => ({
          first: <DocumentState document={row} />,
          second: row.voidedBy ?? row.postedBy ?? row.sentBy ?? row.approvedBy ?? '',
        })}
      >
        {({ rows, step, close }) => <Soon part={documentDrawer} props={{ rows, step, onClose: close }} />}
      </ListPage>
      <Suspense>{adding && <DocumentDialog onClose={() => setAdding(false)} />}</Suspense>
    </>
  )
}
