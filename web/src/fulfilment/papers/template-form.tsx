import {
  drawnFields,
  type FieldOption,
  fieldWords,
  type PaperField,
  type PaperOptions,
  type PaperTemplate,
  papersOfOrders,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Check, Choice, TextField } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'
import { placedAsRows } from './layout/places.ts'
import { ListFields } from './list-fields.tsx'
import { OwnTexts } from './own-texts.tsx'
import { PlaceForm } from './place-form.tsx'
import { SizeFields, SizeInput } from './size-fields.tsx'
import { moved, Up } from './up.tsx'
import { UsedFor } from './used-for.tsx'

type Props = {
  template: PaperTemplate
  why: string | undefined
  foot?: React.ReactNode
  chosen: PaperField | undefined
  onChoose: (key: PaperField | undefined) => void
  onChange: (template: PaperTemplate) => void
  /** Called with true while a picture is read. */
  onReading: (reading: boolean) => void
}

/** The properties of a template. Everything changes the preview at once; nothing is stored before it is saved. */
export function TemplateForm({ template, why, foot, chosen, onChoose, onChange, onReading }: Props) {
  const say = useSay()
  const { options } = template
  const set = (change: Partial<PaperOptions>) => onChange({ ...template, options: { ...options, ...change } })
  const has = (key: FieldOption['key']) => options.fields.some((field) => field.key === key && field.on)
  const title = say(['模板属性', 'Properties'])
  return (
    <fieldset className="paper-form" disabled={why !== undefined} aria-label={title}>
      <TextField
        label={say(['名称', 'Name'])}
        value={template.name}
        maxLength={40}
        hint={why}
        onChange={(name) => onChange({ ...template, name })}
      />
      <SizeFields template={template} onChange={onChange} />
      {template.kind === 'label_area' && (
        <div className="row">
          <span className="t2">{say(['距面单顶 mm', 'From the label’s top, mm'])}</span>
          <SizeInput
            label={say(['距面单顶 mm', 'From the label’s top, mm'])}
            {...{ value: options.topMm ?? 0, least: 0, most: 300 }}
            onChange={(topMm) => set({ topMm })}
          />
        </div>
      )}
      <Choice
        label={say(['纸上的文字', 'Language on the paper'])}
        value={options.language}
        options={[
          { value: 'zh', label: '中文' },
          { value: 'en', label: 'English' },
        ]}
        onChange={(language) => set({ language })}
      />
      <LayoutChoice template={template} onChange={onChange} />
      {options.free ? (
        <PlaceForm {...{ template, chosen, onChoose, onChange }} />
      ) : (
        <>
          <h3>{say(['内容', 'Fields'])}</h3>
          <FieldRows
            fields={options.fields}
            ofOrders={papersOfOrders.has(template.kind)}
            onChange={(fields) => set({ fields })}
          />
        </>
      )}
      <OwnTexts {...{ options, has, set, onReading }} />
      {options.columns.length > 0 && has('goods') && (
        <ListFields kind={template.kind} options={options} onChange={set} />
      )}
      <UsedFor template={template} onChange={onChange} />
      {foot}
    </fieldset>
  )
}

/** Fields in rows, or each at a place of its own. The places of the first time are those of the rows. */
function LayoutChoice({ template, onChange }: Pick<Props, 'template' | 'onChange'>) {
  const say = useSay()
  const { options } = template
  const isPlaced = options.fields.some(({ on, place }) => on && place)
  return (
    <Choice
      label={say(['排列', 'Layout'])}
      value={options.free ? 'free' : 'rows'}
      options={[
        { value: 'rows', label: say(['逐行', 'In rows']) },
        { value: 'free', label: say(['自由摆放', 'Free']) },
      ]}
      onChange={(value) => {
        const free = value === 'free'
        if (free && !isPlaced) onChange(placedAsRows(template))
        else onChange({ ...template, options: { ...options, free } })
      }}
    />
  )
}

function FieldRows({
  fields,
  ofOrders,
  onChange,
}: {
  fields: readonly FieldOption[]
  /** True: the paper is of a single order, which may be a present. */
  ofOrders: boolean
  onChange: (fields: FieldOption[]) => void
}) {
  const say = useSay()
  const set = (key: string, change: Partial<FieldOption>) =>
    onChange(fields.map((field) => (field.key === key ? { ...field, ...change } : field)))
  return (
    <ol className="paper-fields">
      {fields.map((field, at) => {
        const name = say(fieldWords[field.key])
        const isCode = drawnFields.has(field.key)
        const of = (what: string) => `${name} ${what}`
        return (
          <li key={field.key} className="row">
            <Check label={name} checked={field.on} onChange={(on) => set(field.key, { on })} />
            {field.on && field.key !== 'goods' && (
              <span className="row push paper-how">
                <SizeInput
                  label={of(say(isCode ? ['高 mm', 'height mm'] : ['字号', 'size']))}
                  value={field.size}
                  least={5}
                  most={60}
                  onChange={(size) => set(field.key, { size })}
                />
                {isCode ? (
                  <span className="paper-no-toggle" />
                ) : (
                  <Toggle
                    label={of(say(['粗', 'bold']))}
                    on={field.bold}
                    onChange={(bold) => set(field.key, { bold })}
                  >
                    <b>B</b>
                  </Toggle>
                )}
                <Toggle
                  label={of(say(['半行', 'half a row']))}
                  on={field.half}
                  onChange={(half) => set(field.key, { half })}
                >
                  ½
                </Toggle>
                {ofOrders && field.key !== 'payment' && (
                  <Toggle
                    label={of(say(['送礼订单不印', 'left out on presents']))}
                    on={field.offOnPresents ?? false}
                    onChange={(offOnPresents) => set(field.key, { offOnPresents })}
                  >
                    {say(['礼', 'P'])}
                  </Toggle>
                )}
                {ofOrders && field.key === 'payment' && <span className="paper-no-toggle" />}
              </span>
            )}
            <Up name={name} at={at} onUp={() => onChange(moved(fields, at))} />
          </li>
        )
      })}
    </ol>
  )
}

function Toggle(props: {
  label: string
  on: boolean
  onChange: (on: boolean) => void
  children: React.ReactNode
}) {
  return (
    <button
      type="button"
      className="paper-toggle"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.on}
      onClick={() => props.onChange(!props.on)}
    >
      {props.children}
    </button>
  )
}
