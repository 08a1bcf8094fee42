import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../api.ts'
import { GoodsText } from '../catalog/goods-text.tsx'
import { useWarehouses } from '../inventory/query.ts'
import { NotSaved } from '../ui/act/not-saved.tsx'
import { Choice, TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { readGoods } from './read-goods.ts'
import '../inventory/inventory.css'

type Props = { waybillNo?: string; warehouseId?: string; onClose: () => void }

/** 登记无主件: registers a parcel whose return is not known. */
export default function ParcelDialog(props: Props) {
  const say = useSay()
  const { form, set, warehouses, why, save } = useParcelForm(props)
  return (
    <FormDialog
      title={say(['登记无主件', 'Register an unclaimed parcel'])}
      act={say(['登记', 'Register'])}
      busy={save.isPending}
      why={why}
      onSubmit={() => save.mutate()}
      onClose={props.onClose}
    >
      <div className="form-row">
        <TextField
          label={say(['运单号', 'Waybill'])}
          value={form.waybillNo}
          maxLength={40}
          onChange={set('waybillNo')}
        />
        <TextField
          label={say(['寄件人电话，用来找单', "Sender's phone, to find the order"])}
          value={form.phone}
          maxLength={30}
          inputMode="numeric"
          onChange={set('phone')}
        />
      </div>
      <Choice
        label={say(['放在', 'Kept in'])}
        value={form.warehouseId}
        onChange={set('warehouseId')}
        options={warehouses.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <GoodsText
        label={say(['商品，一行一种：商家编码 良品 次品', 'Goods, a line each: code good defective'])}
        value={form.goods}
        maxLength={4000}
        rows={4}
        hint={say(['只写编码是一件良品', 'Code only = 1 sellable item'])}
        onChange={set('goods')}
      />
      <TextField label={say(['备注', 'Note'])} value={form.note} maxLength={200} onChange={set('note')} />
      <NotSaved save={save} />
    </FormDialog>
  )
}

function useParcelForm({ onClose, ...given }: Props) {
  const say = useSay()
  const queries = useQueryClient()
  const warehouses = useWarehouses().filter(({ active, kind }) => active && kind !== 'defective')
  const [typed, setTyped] = useState({
    waybillNo: given.waybillNo ?? '',
    warehouseId: given.warehouseId ?? '',
    phone: '',
    goods: '',
    note: '',
  })
  const set = (field: keyof typeof typed) => (value: string) => setTyped({ ...typed, [field]: value })
  const form = { ...typed, warehouseId: typed.warehouseId || (warehouses[0]?.id ?? '') }
  const goods = readGoods(form.goods)
  const save = useMutation({
    mutationFn: () =>
      post('/unclaimed-parcels', {
        parcels: [
          {
            warehouseId: form.warehouseId,
            waybillNo: form.waybillNo.trim(),
            phone: form.phone.trim(),
            note: form.note.trim(),
            lines: goods.lines,
          },
        ],
      }),
    onSuccess: async ({ results: [one] }) => {
      if (!one?.done) return
      toast('ok', say(['已登记 {no}', 'Registered {no}'], { no: one.ref ?? '' }))
      onClose()
      await queries.invalidateQueries()
    },
  })
  const why =
    form.warehouseId === ''
      ? say(['先建一个仓库', 'There is no warehouse yet'])
      : goods.wrong !== undefined
        ? say(['格式不对：{line}', 'Cannot read: {line}'], { line: goods.wrong })
        : goods.lines.length === 0
          ? say(['写上里面的商品', 'Write down what is in it'])
          : undefined
  return { form, set, warehouses, why, save }
}
