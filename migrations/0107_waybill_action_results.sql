-- Reads the platform actions whose subject is a waybill, and rewrites those that took numbers: some thousands for each month of trading.
-- The labels of buyers stay in waybill.print_data and waybill_package.print_data, where an erasure finds them. The result of the action that took the numbers keeps the numbers only.
update platform_action a set result = jsonb_set(a.result, '{taken}', (
  select coalesce(jsonb_agg(case when jsonb_typeof(one -> 'packages') = 'array'
    then jsonb_set(one - 'printData', '{packages}', (
      select coalesce(jsonb_agg(each - 'printData'), '[]') from jsonb_array_elements(one -> 'packages') each))
    else one - 'printData' end), '[]')
  from jsonb_array_elements(a.result -> 'taken') one))
where a.subject_type = 'waybill' and a.kind = 'waybill.take' and a.state = 'succeeded' and jsonb_typeof(a.result -> 'taken') = 'array';
