import {
  drawnFields,
  type FieldOption,
  type FieldPlace,
  fieldWords,
  type PaperField,
  papersOfOrders,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Button } from '../../ui/base/button.tsx'
import { Check } from '../../ui/form/form.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { PlacesProps } from './free-places.tsx'
import { changed, withField, within } from './layout/places.ts'
import { OffOnPresents } from './list-fields.tsx'
import { SizeInput } from './size-fields.tsx'

/** 自由摆放: the fields that are not on the paper yet, and place, size and text of the chosen one. */
export function PlaceForm(props: Omit<PlacesProps, 'snaps'>) {
  const say = useSay()
  const { template, chosen, onChange, onChoose } = props
  const field = template.options.fields.find(({ key, on }) => on && key === chosen)
  const off = template.options.fields.filter(({ on, place }) => !on || !place)
  return (
    <>
      {field?.place ? (
        <ChosenField {...props} field={field} place={field.place} />
      ) : (
        <p className="t2 small">
          {say([
            '点纸上的一块：拖动或方向键挪 1 mm，Shift 挪 5 mm，Ctrl 改大小，Del 拿掉。',
            'Choose a field on the paper. Drag it, or use the arrow keys: 1 mm, with Shift 5 mm, with Ctrl its size, Del takes it off.',
          ])}
        </p>
      )}
      {off.length > 0 && (
        <>
          <h3>{say(['拖进来，点一下也行', 'Drag in, or click'])}</h3>
          <div className="free-add">
            {off.map(({ key }) => (
              <button
                key={key}
                type="button"
                draggable
                onDragStart={(event) => event.dataTransfer.setData('text/plain', key)}
                onClick={() => {
                  onChange(withField(template, key))
                  onChoose(key)
                }}
              >
                {say(fieldWords[key])}
              </button>
            ))}
          </div>
        </>
      )}
    </>
  )
}

type ChosenProps = Omit<PlacesProps, 'snaps'> & { field: FieldOption; place: FieldPlace }

function ChosenField({ template, field, place, onChange, onChoose }: ChosenProps) {
  const say = useSay()
  const { key, size, bold } = field
  const name = say(fieldWords[key])
  const put = (change: Partial<FieldPlace>) =>
    onChange(changed(template, key, (one) => ({ ...one, place: within({ ...place, ...change }, template) })))
  const mm = (words: LocalizedPair, value: number, change: (value: number) => Partial<FieldPlace>) => (
    <SizeInput
      label={`${name} ${say(words)}`}
      {...{ value, least: 0, most: 420, step: 0.5 as const }}
      onChange={(typed) => put(change(typed))}
    />
  )
  return (
    <>
      <h3 className="row">
        {name}
        <span className="push">
          <Button
            kind="quiet"
            size="small"
            action="take-field-off"
            onClick={() => {
              onChange(changed(template, key, (one) => ({ ...one, on: false })))
              onChoose(undefined)
            }}
          >
            {say(['拿掉', 'Take off'])}
          </Button>
        </span>
      </h3>
      <div className="free-size">
        <span className="t2">{say(['左、上 mm', 'Left, top mm'])}</span>
        {mm(['左', 'left'], place.x, (x) => ({ x }))}
        {mm(['上', 'top'], place.y, (y) => ({ y }))}
        <span className="t2">{say(['宽、高 mm', 'Size mm'])}</span>
        {mm(['宽', 'width'], place.w, (w) => ({ w }))}
        {mm(['高', 'height'], place.h, (h) => ({ h }))}
      </div>
      {papersOfOrders.has(template.kind) && key !== 'goods' && (
        <OffOnPresents
          field={field}
          onChange={(offOnPresents) => onChange(changed(template, key, (one) => ({ ...one, offOnPresents })))}
        />
      )}
      {isText(key) && (
        <div className="row">
          <span className="t2">{say(['字号', 'Text size'])}</span>
          <SizeInput
            label={`${name} ${say(['字号', 'size'])}`}
            {...{ value: size, least: 5, most: 60 }}
            onChange={(typed) => onChange(changed(template, key, (one) => ({ ...one, size: typed })))}
          />
          <Check
            label={say(['粗', 'Bold'])}
            checked={bold}
            onChange={(next) => onChange(changed(template, key, (one) => ({ ...one, bold: next })))}
          />
          <Check label={say(['靠右', 'Right'])} checked={place.right} onChange={(right) => put({ right })} />
        </div>
      )}
    </>
  )
}

const isText = (key: PaperField) => !drawnFields.has(key) && key !== 'goods'
