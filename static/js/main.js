// What every page does.
import "aigo/theme"
import "aigo/times"
import "aigo/provenance"
import "aigo/search"
