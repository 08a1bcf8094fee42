import { useState } from 'react'
import { count } from '../ui/base/figures.tsx'
import { useShops } from '../ui/base/session.ts'
import { scopeSetting } from '../ui/base/store.ts'
import { shared } from '../ui/base/words.ts'
import { Choice } from '../ui/form/form.tsx'
import { SheetDialog } from '../ui/form/sheet-dialog.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { useSay } from '../words.ts'

/** 导入账单: imports a bill that was downloaded from the platform or the payment company. */
export default function BillImportDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const shops = useShops()
  const [search] = useUrlState()
  const scope = scopeSetting.use()
  const filtered = search['shop'] ?? scope
  // An imported bill stays with its shop, so with several shops the user must choose one, here or in the filter of the page.
  const [chosen, setChosen] = useState('')
  const only = shops.length === 1 ? shops[0] : shops.find(({ id }) => id === filtered)
  const shopId = chosen || (only?.id ?? '')
  return (
    <SheetDialog
      title={['导入账单', 'Import a bill']}
      hint={[
        '平台或支付公司下载的账单原文件：要有订单号、时间，以及收入、支出或金额。认流水号，导过的不会重复。最多 5,000 行、5 MB，大的按天下载。',
        'The bill as it was downloaded: order number, time, and income, expense or amount. Known by serial numbers; what is there is not added again. At most 5,000 rows, 5 MB: take larger ones day by day.',
      ]}
      path="/bills/import"
      more={{ shopId }}
      missing={shopId === '' ? say(['先选店铺', 'Choose the shop first']) : undefined}
      outcome={({ rows, added, known, refused }) => ({
        whole: refused.length === 0,
        text: say(
          [
            '{rows} 行：新增 {added}，已有 {known}，失败 {bad}',
            '{rows} {rows|row|rows}: {added} new, {known} known, {bad} refused',
          ],
          { rows: count(rows), added: count(added), known: count(known), bad: count(rows - added - known) },
        ),
      })}
      onClose={onClose}
    >
      <Choice
        label={say(shared.shop)}
        value={shopId}
        onChange={setChosen}
        options={[
          ...(shopId === '' ? [{ value: '', label: say(['选择店铺', 'Choose a shop']) }] : []),
          ...shops.map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
    </SheetDialog>
  )
}
