-- The list of counting tasks on the desk.

create index count_task_by_status on count_task (status, id);
