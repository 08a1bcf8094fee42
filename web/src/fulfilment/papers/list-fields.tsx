import {
  type ColumnOption,
  columnWords,
  type FieldOption,
  type PaperKind,
  type PaperOptions,
  papersOfOrders,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Check, Choice } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'
import { SizeInput } from './size-fields.tsx'
import { moved, Up } from './up.tsx'

/** The columns of a list, the size of its text, its order, and where it goes on. */
export function ListFields({
  kind,
  options,
  onChange,
}: {
  kind: PaperKind
  options: PaperOptions
  onChange: (change: Partial<PaperOptions>) => void
}) {
  const say = useSay()
  const columns = options.columns
  const list = options.fields.find(({ key }) => key === 'goods')
  const set = (key: string, on: boolean) =>
    onChange({
      columns: columns.map((column): ColumnOption => (column.key === key ? { ...column, on } : column)),
    })
  return (
    <>
      <h3>{say(['清单的列', 'Columns of the list'])}</h3>
      <ol className="paper-fields">
        {columns.map((column, at) => (
          <li key={column.key} className="row">
            <Check
              label={say(columnWords[column.key])}
              checked={column.on}
              onChange={(on) => set(column.key, on)}
            />
            <span className="push" />
            <Up
              name={`${say(['列', 'Column'])} ${say(columnWords[column.key])}`}
              at={at}
              onUp={() => onChange({ columns: moved(columns, at) })}
            />
          </li>
        ))}
      </ol>
      <div className="row">
        <span className="t2">{say(['字号', 'Text size'])}</span>
        <SizeInput
          label={say(['清单字号', 'Size of the list'])}
          value={options.listSize}
          least={5}
          most={24}
          onChange={(listSize) => onChange({ listSize })}
        />
        <Check
          label={say(['全部加粗', 'All bold'])}
          checked={options.listBold}
          onChange={(listBold) => onChange({ listBold })}
        />
      </div>
      <Choice
        label={say(['顺序', 'Order'])}
        value={options.order}
        options={[
          { value: 'bin', label: say(['按库位', 'By bin']) },
          { value: 'order', label: say(['按订单', 'As ordered']) },
        ]}
        onChange={(order) => onChange({ order })}
      />
      <Choice
        label={say(['放不下', 'If it is too long'])}
        value={options.overflow}
        options={[
          { value: 'pages', label: say(['续到下一张', 'Continue on another sheet']) },
          { value: 'cut', label: say(['其余见拣货单', 'The rest is on the pick list']) },
        ]}
        onChange={(overflow) => onChange({ overflow })}
      />
      {list && papersOfOrders.has(kind) && (
        <OffOnPresents
          field={list}
          onChange={(offOnPresents) =>
            onChange({
              fields: options.fields.map((one) => (one.key === 'goods' ? { ...one, offOnPresents } : one)),
            })
          }
        />
      )}
    </>
  )
}

/** 送礼订单: whether the field is printed for an order that is a present. The amount paid never is. */
export function OffOnPresents({ field, onChange }: { field: FieldOption; onChange: (off: boolean) => void }) {
  const say = useSay()
  if (field.key === 'payment')
    return (
      <p className="t2 small">
        {say(['送礼订单不印实付和单价。', 'Presents show neither the amount paid nor prices.'])}
      </p>
    )
  return (
    <Choice
      label={say(['送礼订单', 'Presents'])}
      value={field.offOnPresents ? 'off' : 'on'}
      options={[
        { value: 'on', label: say(['照印', 'Print it']) },
        { value: 'off', label: say(['不印这一块', 'Leave it out']) },
      ]}
      onChange={(value) => onChange(value === 'off')}
    />
  )
}
