import { importHeads } from '../../../../server/orders/create/own-contract.ts'
import { count } from '../../ui/base/figures.tsx'
import { SheetDialog } from '../../ui/form/sheet-dialog.tsx'
import { useSay } from '../../words.ts'

const heads = Object.values(importHeads)
  .map(([head]) => head)
  .join(',')

/** 导入订单: imports complete orders. Rows that prevent an order are reported with their cell. */
export default function ImportDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  return (
    <SheetDialog
      title={['导入订单', 'Import orders']}
      hint={[
        '一行一个商品；同一家店、同一个订单号的几行是一单，收件人写在其中一行就够。导过的订单号不会再建。最多 5,000 行、5 MB。',
        'A line of goods in each row; rows of one shop and number are one order, its receiver in any of them. A number that came in before makes nothing. At most 5,000 rows, 5 MB.',
      ]}
      path="/orders/import"
      template={{ name: 'orders.csv', heads }}
      outcome={({ rows, orders, created, refused }) => ({
        whole: created === orders && refused.length === 0,
        text: say(
          [
            '{rows} 行 {orders} 单：新建 {created} 单，失败的在下面',
            '{rows} {rows|row|rows}, {orders} {orders|order|orders}: {created} made; the others are below',
          ],
          { rows: count(rows), orders: count(orders), created: count(created) },
        ),
      })}
      onClose={onClose}
    />
  )
}
