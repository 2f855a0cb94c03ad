-- name: AddCaseLetter :exec
INSERT INTO case_letters (id, request_id, kind, lang, edition, html, plain, pdf, html_sha256, plain_sha256, pdf_sha256, staff_id, author)
VALUES (@id, @request_id, @kind, @lang, @edition, @html, @plain, @pdf, @html_sha256, @plain_sha256, @pdf_sha256, @staff_id, @author);

-- name: CaseLettersOf :many
SELECT id, kind, lang, edition, pdf_sha256, author, made_at FROM case_letters WHERE request_id = @request_id ORDER BY seq DESC LIMIT 200;

-- name: CaseLetter :one
-- One form of a letter; of a letter of another request there is none.
SELECT kind, lang, edition, author, made_at,
    (CASE @form::text WHEN 'html' THEN html WHEN 'pdf' THEN pdf ELSE plain END)::bytea AS sealed,
    (CASE @form::text WHEN 'html' THEN html_sha256 WHEN 'pdf' THEN pdf_sha256 ELSE plain_sha256 END)::text AS sha256
FROM case_letters WHERE id = @id AND request_id = @request_id;

-- name: HoldWording :exec
-- Whoever words letters does so after the one before.
SELECT pg_advisory_xact_lock(hashtextextended('letter_wordings', 0));

-- name: WordingEdition :one
SELECT coalesce(max(edition), 0)::integer AS edition FROM letter_wordings;

-- name: Wordings :many
-- What counts now in a language, place by place.
SELECT DISTINCT ON (slot) edition, slot, words, made_name, made_at FROM letter_wordings WHERE lang = @lang ORDER BY slot, edition DESC;

-- name: WordingHistory :many
SELECT edition, words, made_name, made_at FROM letter_wordings WHERE lang = @lang AND slot = @slot ORDER BY edition DESC LIMIT 50;

-- name: AddWording :exec
INSERT INTO letter_wordings (edition, slot, lang, words, made_by, made_name)
VALUES (@edition, @slot, @lang, @words, @made_by, @made_name);
