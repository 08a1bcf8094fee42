import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, post } from '../api.ts'
import { Note } from '../ui/base/empty.tsx'
import { TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import type { Search } from './types.ts'

/** Names the data that go and those that stay, and wants the number of documents typed again. */
export function EraseDialog(props: {
  search: Search
  trades: number
  onErased: () => void
  onClose: () => void
}) {
  const { search, trades, onErased, onClose } = props
  const say = useSay()
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const erase = useMutation({
    mutationFn: () => post('/privacy/erasures', { ...search, trades }),
    onSuccess: () => {
      toast('ok', say(['开始抹去，不用等', 'Erasing has begun; it goes on automatically']))
      onClose()
      onErased()
      return queries.invalidateQueries({ queryKey: ['/privacy/erasures'] })
    },
  })
  return (
    <FormDialog
      danger
      sure
      title={say(['抹去这位买家的个人信息', "Erase this buyer's personal data"])}
      act={say(['抹去 {n} 单', 'Erase {n}'], { n: trades })}
      why={
        typed.trim() === String(trades)
          ? undefined
          : say(['先输入单据数 {n}', 'Type the number {n} first'], { n: trades })
      }
      busy={erase.isPending}
      onSubmit={() => erase.mutate()}
      onClose={onClose}
    >
      <p>
        {say([
          '抹去：昵称、姓名、电话、地址（留省份）、留言和备注、退款说明、平台原始报文、面单内容、黑名单。不能恢复；再下载同一单也不会带回来。',
          'Goes: nick, name, phones, address (the province stays), messages and notes, texts of refunds, raw texts of the platform, labels, blacklist. It cannot be undone, and later downloads bring nothing back.',
        ])}
      </p>
      <p className="t2">
        {say([
          '留下：单号、商品、数量、金额、时间、运单号和账。电子商务法第 31 条要求交易信息至少保存三年。',
          'Stays: numbers, goods, quantities, amounts, times, waybills and the accounts. The E-Commerce Law (article 31) wants transactions kept for three years.',
        ])}
      </p>
      <p className="t2">
        {say([
          '之前的备份里还有，到备份删掉为止；从旧备份恢复后要再抹一次。',
          'Earlier backups still have it until they are deleted. After a restore of one, erase again.',
        ])}
      </p>
      <TextField
        label={say(['输入单据数 {n} 确认', 'Type {n}, the number of documents, to confirm'], { n: trades })}
        value={typed}
        inputMode="numeric"
        maxLength={6}
        onChange={setTyped}
        autoFocus
      />
      {erase.error && <Note tone="bad">{errorText(erase.error)}</Note>}
    </FormDialog>
  )
}
