import { lazy, Suspense, useState } from 'react'
import { binList } from '../../../server/inventory/bins/lists-contract.ts'
import { binLabelData } from '../fulfilment/papers/layout/tag-data.ts'
import type { RowAction } from '../ui/act/actions.ts'
import { PageActs } from '../ui/act/acts.tsx'
import { Button } from '../ui/base/button.tsx'
import { useAllowed } from '../ui/base/session.ts'
import { SheetDialog } from '../ui/form/sheet-dialog.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { BinDialog } from './bin-dialog.tsx'
import type { BinRow } from './types.ts'

const addWords: LocalizedPair = ['新增库位…', 'Add a bin…']
const importWords: LocalizedPair = ['导入库位', 'Import bins']

const TagsDialog = lazy(() => import('../fulfilment/papers/tags-dialog-page.tsx'))

const labels: RowAction<BinRow> = {
  name: '/bin-labels',
  path: '/print-jobs',
  words: ['打印标签', 'Print labels'],
  letter: 'L',
  permission: 'inventory.read',
  done: ['{n} 个标签已打印', '{n} labels were printed'],
  // The dialog prints by itself, and sends nothing to the server.
  input: ({ rows, onClose }) => (
    <Suspense>
      <TagsDialog
        kind="bin_label"
        tags={rows.map(({ code, warehouseName }) => binLabelData({ code, warehouse: warehouseName }))}
        onClose={onClose}
      />
    </Suspense>
  ),
}

/** 库位: the addresses of goods in the warehouses, in the order in which a picker walks past them. */
export default function BinsPage() {
  const say = useSay()
  const why = useAllowed()('inventory.write')
  const [dialog, setDialog] = useState<BinRow | 'new' | 'import'>()
  const [config] = useState(() =>
    listOf<BinRow>(binList, {
      cells: {
        code: (row) => <span className="num medium">{row.code}</span>,
        edit: (row) => <EditButton onEdit={() => setDialog(row)} />,
      },
      actions: [labels],
      nameOf: (row) => row.code,
    }),
  )
  const acts = [
    { name: 'add', words: addWords, letter: 'N', primary: true, why, run: () => setDialog('new') },
    { name: 'import', words: importWords, letter: 'I', why, run: () => setDialog('import') },
  ]
  const close = () => setDialog(undefined)
  return (
    <>
      <ListPage config={config} head={<PageActs acts={acts} />} />
      {dialog === 'import' && (
        <SheetDialog
          title={importWords}
          hint={[
            '一行一个库位和一个商品，按仓库和库位认：没有的新增，已有的更新。顺序空着就按表里的先后。最多 5,000 行、5 MB。',
            'One bin and SKU a row, known by warehouse and bin: new ones are added, known ones updated. Without a route they follow the order of the sheet. At most 5,000 rows, 5 MB.',
          ]}
          path="/bins/import"
          template={{ name: 'bins.csv', heads: '仓库编码*,库位*,顺序,商家编码,主备' }}
          outcome={({ rows, created, updated, refused }) => ({
            whole: refused.length === 0,
            text: say(
              [
                '{rows} 行：新增库位 {created}，更新 {updated}，失败 {bad} 行',
                '{rows} rows: {created} new bins, {updated} updated, {bad} rows refused',
              ],
              { rows, created, updated, bad: refused.length },
            ),
          })}
          onClose={close}
        />
      )}
      {dialog !== undefined && dialog !== 'import' && (
        <BinDialog
          key={dialog === 'new' ? 'new' : dialog.id}
          bin={dialog === 'new' ? undefined : dialog}
          onClose={close}
        />
      )}
    </>
  )
}

function EditButton({ onEdit }: { onEdit: () => void }) {
  const say = useSay()
  const why = useAllowed()('inventory.write')
  return (
    <Button size="small" why={why} onClick={onEdit}>
      {say(['修改…', 'Change…'])}
    </Button>
  )
}
