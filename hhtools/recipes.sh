# The shells of make read this when hh-recipe runs it, so that it learns how each command of each recipe ended.
unset BASH_ENV
trap 'echo "$? ${PIPESTATUS[*]}" >&"$HH_RECIPE_CODES"' EXIT
