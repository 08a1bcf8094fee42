import type { FormProps } from '../../ui/act/actions.ts'
import { Note } from '../../ui/base/empty.tsx'
import { useShops } from '../../ui/base/session.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { DeskRow } from '../types.ts'
import { seenOf } from './agree-many-dialog-page.tsx'
import { RefusalFields, useRefusal } from './refusal.tsx'

const oneAtATime: LocalizedPair = [
  '一次只能拒绝一个平台的退款，先按店铺筛选',
  'One platform at a time: filter by shop first',
]

/** 拒绝退款 for several refunds of one platform, with the same reason, message and proof. */
export default function RefuseManyDialog(props: FormProps<'/aftersale/refuse', DeskRow>) {
  const say = useSay()
  const { rows } = props
  const shops = useShops()
  const theirs = rows.map(({ shopId }) => shops.find(({ id }) => id === shopId))
  const [shop] = theirs
  const isMixed = theirs.some((one) => one?.platform !== shop?.platform)
  const { why, input, fields } = useRefusal(isMixed ? undefined : rows[0]?.id)
  const platform = shop ? say(shop.label) : ''
  return (
    <FormDialog
      title={say(['拒绝 {n} 笔退款', 'Refuse {n} refunds'], { n: rows.length })}
      act={
        isMixed
          ? say(['拒绝并写回', 'Refuse and write back'])
          : say(['拒绝并写回{platform}', 'Refuse and write back to {platform}'], { platform })
      }
      danger
      why={isMixed ? say(oneAtATime) : why}
      onSubmit={() => props.onSubmit({ seen: seenOf(rows), platform: shop?.platform ?? '', ...input })}
      onClose={props.onClose}
    >
      {isMixed ? (
        <Note tone="bad">{say(oneAtATime)}</Note>
      ) : (
        <RefusalFields fields={fields} platform={platform} />
      )}
      <Note tone="warn">
        {say([
          '每位买家都会看到同样的原因和说明。写回失败的会回到待决定，并写明平台的答复。',
          "Each buyer sees the same reason and message. What cannot be written back comes back with the platform's answer.",
        ])}
      </Note>
    </FormDialog>
  )
}
